package timeline

import (
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Objects internal to the standard library appear in no view, unless a goroutine has to wait there.
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
		if got := s.Object(1).Internal(); got != c.internal || s.Visible(last) == got {
			t.Errorf("%s: internal is %v, want %v; the last event tells: %v", c.name, got, c.internal, s.Visible(last))
		}
		if got := Describe(&s, *last); !strings.HasPrefix(got, c.said) || (got == "") != (c.said == "") {
			t.Errorf("%s: it says %q, want %q", c.name, got, c.said)
		}
		for _, kind := range []trace.Kind{trace.KindDefineObj, trace.KindDefinePC, trace.KindWatch} {
			if s.Visible(&trace.Event{Kind: kind}) {
				t.Errorf("%v tells something", kind)
			}
		}
	}
}

// Statistics and warnings omit internal objects, even after the State has forgotten them, and only those.
func TestStatsInternal(t *testing.T) {
	const (
		locks  = "define-obj @1 class=mutex inner 'a\ndefine-obj @2 class=mutex inner 'b\n"
		orders = "acquire 2 @1 n=1\nacquire 2 @2 n=1\nrelease 2 @2\nrelease 2 @1\nacquire 3 @2 n=1\nacquire 3 @1 n=1\nrelease 3 @1\nrelease 3 @2"
	)
	held := strings.Repeat("acquire 2 @1 n=1\nrelease 2 @1\n", 5) + "acquire 2 @1 n=1\nrelease 2 @1 +50ms\n"
	for _, c := range []struct {
		name, stream      string
		objects, warnings int
	}{
		{"held", locks + held, 0, 0},
		{"held, and somebody has waited", locks + held + "acquire 2 @1 n=1\nblock 3 @1 'Lock\nrelease 2 @1\nunblock 3 @1 peer=2", 1, 1},
		{"held now", locks + "acquire 2 @1 n=1", 1, 0},
		{"both orders", locks + orders, 0, 0},
		{"both orders of the program's", strings.ReplaceAll(locks, "inner ", "") + orders, 2, 1},
		{"to nobody", "define-obj @1 class=cond inner 'c\nnotify 2 @1 n=0", 0, 0},
		{"to nobody, of the program's", "define-obj @1 class=cond 'c\nnotify 2 @1 n=0", 0, 1},
	} {
		st := statsOf(t, c.stream)
		for _, forgotten := range []bool{false, true} {
			if forgotten && c.name != "held now" {
				for id := range st.objs {
					delete(st.s.objIndex, id)
				}
				for id := range st.signs.nobody {
					delete(st.s.objIndex, id)
				}
			}
			if objects, warnings := st.Objects(), st.Warnings(false); len(objects) != c.objects || len(warnings) != c.warnings {
				t.Errorf("%s, forgotten: %v: %d objects and %d warnings, want %d and %d: %v", c.name, forgotten, len(objects), len(warnings), c.objects, c.warnings, warnings)
			}
		}
	}
}
