package safetext

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestLine(t *testing.T) {
	for in, want := range map[string]string{
		"":                      "",
		"worker-1":              "worker-1",
		"日本語 é ß":               "日本語 é ß",
		"e\u0301te\u0301":       "e\u0301te\u0301",
		"a\tb\nc\rd":            "a b c d",
		"\x1b[31mred\a\x00":     `\x1b[31mred\a\x00`,
		"\u009b31m\u0085":       `\u009b31m\u0085`,
		"a\u202eb\u2066c\u061c": `a\u202eb\u2066c\u061c`,
		"zero\u200bwidth\ufeff": `zero\u200bwidth\ufeff`,
		"line\u2028s":           `line\u2028s`,
		"a\u00a0b\u3000c":       "a b c",
		"fill\u3164\u115f":      `fill\u3164\u115f`,
		"tag\U000e0041":         `tag\U000e0041`,
		"private\ue000":         `private\ue000`,
		"👩\u200d🚀":              "👩🚀",
		"bad\xff\xfe":           "bad\ufffd\ufffd",
		"over\xc0\xaflong":      "over\ufffd\ufffdlong",
		"half\xed\xa0\x80":      "half\ufffd\ufffd\ufffd",
		`a\b`:                   `a\b`,
	} {
		if got := Line(in); got != want {
			t.Errorf("Line(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLines(t *testing.T) {
	if got, want := Lines("a\n\tb\r\n\x1b[2J\u202e"), "a\n\tb\\r\n\\x1b[2J\\u202e"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// No result is too long, hides its length, or hides that it was cut.
func TestFloods(t *testing.T) {
	const n = 500_000
	for _, flood := range []string{"x", "日", "\u0301", "\u200b", "\u202e", "\x00", "\xff", "\u1161", "\u0e33\u0e33", "e\u0301", "\U0001f468\u200d", "क्"} {
		for name, f := range map[string]func(string) string{"Line": Line, "Lines": Lines} {
			got := f("a" + strings.Repeat(flood, n))
			most := MaxLine
			if name == "Lines" {
				most = maxLines
			}
			if len(got) > most || !strings.Contains(got, "…") || !utf8.ValidString(got) {
				t.Errorf("%s of a flood of %q has %d bytes and ends with %q", name, flood, len(got), got[max(0, len(got)-20):])
			}
		}
	}
	if got, want := Line("a"+strings.Repeat("\u0301", n)+"b"), "a"; !strings.HasPrefix(got, want) || len([]rune(got)) > 1+maxMarks+2 {
		t.Errorf("%d marks are %q", n, got)
	}
	if got, want := Line("a"+strings.Repeat("\u0301", maxMarks+5)+"b"), "a"+strings.Repeat("\u0301", maxMarks)+"…b"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		s    string
		n    int
		want string
	}{{"abcdef", 6, "abcdef"}, {"abcdefg", 6, "abc…"}, {"日本語", 9, "日本語"}, {"日本語", 8, "日…"}, {"\x80\x80\x80\x80\x80\x80\x80\x80", 7, "\x80\x80\x80\x80…"}} {
		if got := Cut(c.s, c.n); got != c.want {
			t.Errorf("Cut(%q, %d) = %q, want %q", c.s, c.n, got, c.want)
		}
	}
}

func TestNoAllocationForPlainText(t *testing.T) {
	s := strings.Repeat("worker-1 ", 100)
	if n := testing.AllocsPerRun(100, func() { Line(s) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// Every text becomes valid, printable UTF-8 of bounded length, and cleaning it again changes nothing.
func FuzzLine(f *testing.F) {
	for _, s := range []string{"worker-1", "日本語", "e\u0301", "👩‍🚀", "\x1b[2J", "a\u202eb", "\xff\xfe", "\u009b1A", "\ufffe", "\u1160\u11ff", strings.Repeat("\u0301", 20)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, got := range map[string]string{"Line": Line(s), "Lines": Lines(s)} {
			if err := check(got, name == "Lines"); err != nil {
				t.Errorf("%s(%q) = %q: %v", name, s, got, err)
			}
		}
		if once := Line(s); Line(once) != once {
			t.Errorf("Line(%q) = %q, and once more %q", s, once, Line(once))
		}
	})
}

func check(s string, lines bool) error {
	most := MaxLine
	if lines {
		most = maxLines
	}
	if len(s) > most || !utf8.ValidString(s) {
		return fmt.Errorf("%d bytes, valid UTF-8: %t", len(s), utf8.ValidString(s))
	}
	marks := 0
	for _, r := range s {
		if lines && (r == '\n' || r == '\t') {
			continue
		}
		if !unicode.IsPrint(r) {
			return fmt.Errorf("%U cannot be printed", r)
		}
		if marks++; !combines(r) {
			marks = 0
		}
		if marks > maxMarks {
			return fmt.Errorf("%d marks in a row", marks)
		}
	}
	return nil
}
