package cells

import "testing"

func TestLevel(t *testing.T) {
	for _, c := range []struct {
		n, all int
		want   string
	}{{0, 8, " "}, {1, 2000, "▁"}, {1, 8, "▁"}, {2, 8, "▂"}, {1999, 2000, "█"}, {8, 8, "█"}, {9, 8, "█"}, {1, 0, " "}, {-1, 8, " "}} {
		if got := Level(c.n, c.all); got != c.want {
			t.Errorf("%d of %d: %q, want %q", c.n, c.all, got, c.want)
		}
	}
}
