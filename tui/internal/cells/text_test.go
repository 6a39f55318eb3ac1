package cells

import (
	"strings"
	"testing"
	"unicode"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"worker-1":             "worker-1",
		"日本":                   "日本",
		"e\u0301":              "e\u0301",
		"a\tb\nc":              "a b c",
		"\x1b[31mred":          `\x1b[31mred`,
		"bell\a":               `bell\a`,
		"right\u202eleft":      `right\u202eleft`,
		"zero\u200bwidth":      `zero\u200bwidth`,
		"👩‍🚀":                  "👩🚀",
		"bad\xff":              "bad�",
		"\u0301alone":          "�alone",
		strings.Repeat("x", 9): "xxxxxxxxx",
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestShorten(t *testing.T) {
	for _, tt := range []struct {
		s    string
		n    int
		want string
	}{
		{"worker-17", 9, "worker-17"},
		{"worker-17", 8, "work…-17"},
		{"worker-17", 5, "wo…17"},
		{"worker-17", 3, "w…7"},
		{"worker-17", 2, "w…"},
		{"worker-17", 1, "…"},
		{"worker-17", 0, ""},
		{"日本語の名前", 12, "日本語の名前"},
		{"日本語の名前", 9, "日本…名前"},
		{"日本語の名前", 8, "日本…前"},
		{"e\u0301e\u0301e\u0301e\u0301", 3, "e\u0301…e\u0301"},
	} {
		got := Shorten(tt.s, tt.n)
		if got != tt.want {
			t.Errorf("Shorten(%q, %d) = %q, want %q", tt.s, tt.n, got, tt.want)
		}
		if Width(got) > tt.n {
			t.Errorf("Shorten(%q, %d) is %d cells wide", tt.s, tt.n, Width(got))
		}
	}
}

func TestWrap(t *testing.T) {
	for _, tt := range []struct {
		s    string
		n    int
		want string
	}{
		{"one two three", 7, "one two|three"},
		{"one  two\nthree", 80, "one two three"},
		{"extraordinary", 5, "extra|ordin|ary"},
		{"an extraordinary day", 6, "an|extrao|rdinar|y day"},
		{"日本語", 4, "日本|語"},
		{"", 10, ""},
		{"x", 0, ""},
	} {
		if got := strings.Join(Wrap(tt.s, tt.n), "|"); got != tt.want {
			t.Errorf("Wrap(%q, %d) = %q, want %q", tt.s, tt.n, got, tt.want)
		}
	}
}

// Text that was not cleaned cannot disturb the screen either: each cell contains something printable.
func TestDrawRaw(t *testing.T) {
	c := NewCanvas(20, 1)
	if end := c.Text(0, 0, "a\x1b[2J\n\u009b\u202e\u200b\xffz", StylePlain); end != 9 {
		t.Errorf("it ends at column %d", end)
	}
	if got, want := c.String(), "a�[2J ��z\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// A long text can be wrapped even without blanks. Nothing is timed here: if the time were quadratic, this would take a quarter of
// an hour and exceed the timeout of the test.
func TestScaleWrap(t *testing.T) {
	const n = 4_000_000
	for _, unit := range []string{"x", "日", "e\u0301", "x "} {
		if lines := Wrap(strings.Repeat(unit, n), 40); len(lines) < n/40 {
			t.Errorf("%d times %q are %d lines", n, unit, len(lines))
		}
	}
}

// FuzzText checks that no name takes more cells than it was given, or fewer than Width returns.
func FuzzText(f *testing.F) {
	for _, s := range []string{"worker-1", "日本語の名前", "e\u0301", "👩‍🚀", "🇩🇪", "\x1b[2J", "a\u202eb", "\xff\xfe", "ﷺ", "가각"} {
		f.Add(s, 5)
	}
	f.Fuzz(func(t *testing.T, s string, n int) {
		n &= 31
		raw := NewCanvas(32, 1)
		raw.Text(0, 0, s, StylePlain)
		fits(t, raw)
		for i := range raw.cells {
			for _, r := range raw.cells[i].S {
				if !unicode.IsPrint(r) {
					t.Errorf("%q is drawn with %U", s, r)
				}
			}
		}
		s = Clean(s)
		for _, short := range []string{Shorten(s, n), Truncate(s, n)} {
			if w := Width(short); w > n {
				t.Errorf("%q in %d cells is %q, %d wide", s, n, short, w)
			}
		}
		c := NewCanvas(32, 1)
		end := c.Text(0, 0, Shorten(s, n), StylePlain)
		if end > n {
			t.Errorf("%q in %d cells was drawn up to column %d", s, n, end)
		}
		fits(t, c)
	})
}
