package timeline

import (
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// What is the standard library's own is in no view, unless somebody has to wait there.
func TestInternal(t *testing.T) {
	for _, c := range []struct {
		name, stream string
		internal     bool
		said         string
	}{
		{"the library's", "define-obj @1 class=chan inner 'c\nclose 2 @1", true, ""},
		{"the program's", "define-obj @1 class=chan 'c\nclose 2 @1", false, "ann closes c"},
		{"somebody waits there", "define-obj @1 class=chan inner 'c\nblock 2 @1 'receive", false, "ann waits to receive from c"},
		{"somebody has waited there", "define-obj @1 class=chan inner 'c\nblock 2 @1 'receive\nclose 3 @1\nunblock 2 @1 peer=3", false, "ann is released by ben"},
	} {
		events := script(t, people+c.stream)
		var s State
		for i := range events {
			_ = s.Apply(events[i])
		}
		last := &events[len(events)-1]
		if got := s.Object(1).Internal(); got != c.internal || s.Tells(last) == got {
			t.Errorf("%s: internal is %v, want %v; the last event tells: %v", c.name, got, c.internal, s.Tells(last))
		}
		if got := Describe(&s, *last); !strings.HasPrefix(got, c.said) || (got == "") != (c.said == "") {
			t.Errorf("%s: it says %q, want %q", c.name, got, c.said)
		}
		for _, kind := range []trace.Kind{trace.KindDefineObj, trace.KindDefinePC, trace.KindWatch} {
			if s.Tells(&trace.Event{Kind: kind}) {
				t.Errorf("%v tells something", kind)
			}
		}
	}
}
