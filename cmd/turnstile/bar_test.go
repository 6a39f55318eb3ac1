package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// What takes long is seen on a terminal, and taken away; what does not, and what goes elsewhere, is not.
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
		p := &program{errs: &b, terminal: test.terminal, columns: func() int { return 80 }}
		bar := p.slowly("reading x")
		if test.long {
			bar.shown = bar.shown.Add(-time.Second)
		}
		bar.tell(1<<19, test.all)
		if !strings.Contains(b.String(), test.want) || test.want == "" && b.Len() > 0 {
			t.Errorf("%+v: %q", test, b.String())
		}
		bar.end()
		written := b.String()
		if test.want != "" && !strings.HasSuffix(written, "\r\x1b[K") {
			t.Errorf("%+v: the bar is still there: %q", test, written)
		}
		bar.shown = time.Time{}
		if bar.tell(1<<20, test.all); b.String() != written {
			t.Errorf("%+v: it comes back: %q", test, b.String())
		}
	}
}
