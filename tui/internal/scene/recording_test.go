package scene

import (
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// In a recording, objects whose names differ only in their numbers are ordered by these, whichever was used first; in a running
// program, where not all are known, they are in order of appearance.
func TestFamilies(t *testing.T) {
	tr := tuitest.NewTrace("main")
	for _, name := range []string{"fork-10", "door", "fork-2", "table", "fork-1", "2"} {
		tr.Object(name, trace.ClassMutex, 0, "")
	}
	tr.Object("fork-0", trace.ClassEvent, 0, "")
	names := func(r *Recording) string {
		var all []string
		for _, o := range r.Objects() {
			all = append(all, o.Name)
		}
		return strings.Join(all, " ")
	}
	recorded, live := NewRecording(), NewRecording()
	if err := recorded.Load(t.Context(), tr.Events); err != nil {
		t.Fatal(err)
	}
	live.Add(tr.Events)
	if got, want := names(recorded), "fork-1 door fork-2 table fork-10 2 fork-0"; got != want {
		t.Errorf("recorded: %s, want %s", got, want)
	}
	if got, want := names(live), "fork-10 door fork-2 table fork-1 2 fork-0"; got != want {
		t.Errorf("live: %s, want %s", got, want)
	}
}
