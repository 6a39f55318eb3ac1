package console

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// The bar of a slow operation is drawn on a terminal and removed; there is no bar for a fast one or without a terminal.
func TestSlowBar(t *testing.T) {
	for _, test := range []struct {
		terminal, long bool
		all            int64
		want           string
	}{
		{true, true, 1 << 20, "[##########..........] reading x: 50 %; Ctrl-C stops that"},
		{true, true, 0, "reading x: 512 kB; Ctrl-C stops that"},
		{true, false, 1 << 20, ""},
		{false, true, 1 << 20, ""},
	} {
		var b bytes.Buffer
		line := &Bar{W: &b, Terminal: test.terminal, Columns: func() int { return 80 }}
		bar := line.Slowly("reading x")
		if test.long {
			bar.shown = bar.shown.Add(-time.Second)
		}
		bar.Tell(1<<19, test.all)
		if !strings.Contains(b.String(), test.want) || test.want == "" && b.Len() > 0 {
			t.Errorf("%+v: %q", test, b.String())
		}
		bar.End()
		written := b.String()
		if test.want != "" && !strings.HasSuffix(written, "\r\x1b[K") {
			t.Errorf("%+v: the bar is still there: %q", test, written)
		}
		bar.shown = time.Time{}
		if bar.Tell(1<<20, test.all); b.String() != written {
			t.Errorf("%+v: it comes back: %q", test, b.String())
		}
	}
}
