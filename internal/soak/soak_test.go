package soak

import "testing"

// Everything that is not flat is reported; small fluctuations are not.
func TestFaults(t *testing.T) {
	flat := sample{done: 1000, live: 100 << 20, running: 20}
	for _, c := range []struct {
		name string
		last sample
		want int
	}{
		{"the same", flat, 0},
		{"a little", sample{900, 105 << 20, 22}, 0},
		{"memory", sample{1000, 120 << 20, 20}, 1},
		{"goroutines", sample{1000, 100 << 20, 40}, 1},
		{"pace", sample{700, 100 << 20, 20}, 1},
		{"nothing is done", sample{0, 100 << 20, 20}, 1},
		{"all", sample{1, 1 << 30, 1000}, 3},
	} {
		if got := faults(flat, c.last); len(got) != c.want {
			t.Errorf("%s: %q", c.name, got)
		}
	}
	if got := faults(sample{}, sample{}); len(got) != 1 {
		t.Errorf("where nothing is ever done: %q", got)
	}
}

func TestMedian(t *testing.T) {
	if got, want := median([]sample{{3, 10, 7}, {1, 30, 8}, {2, 20, 9}}), (sample{2, 20, 8}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
