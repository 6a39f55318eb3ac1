package lessons

import (
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
)

var update = flag.Bool("update", false, "record the lessons anew, for package scenarios")

func TestMain(m *testing.M) {
	Child()
	goleak.VerifyTestMain(m)
}

// What a lesson has to show.
var shows = map[string][]string{
	"dishes-engine":   {"washer says: is process ", "dryer-3 says: is process ", "has heard that it is over", "and goes home", "one of the three has heard"},
	"engine-ledger":   {"pending: 5", "kills dryer-1, which has dish 1 in its hands", "dish 1 was given out before, and not finished", "completed: 5"},
	"engine-fetch":    {"fetcher-3 says: is process ", "puts this is /6 into pages", "6 pages are here"},
	"lease-unchecked": {"clerk-1 is paused", "the lease of clerk-1 is over", "writes 120, with token 1", "the account holds 120"},
	"lease-checked":   {"the account refuses token 1: it has seen 2", "was refused, and begins again", "the account holds 170"},
}

// keep records a lesson at the pace for people.
func keep(t *testing.T, name string) {
	t.Helper()
	rec := trace.NewRecorder(1 << 14)
	_ = Run(t.Context(), name, 1, rec)
	var text bytes.Buffer
	z := gzip.NewWriter(&text)
	if err := errors.Join(tracefile.Write(z, rec.Events()), z.Close()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("../../../scenarios/recordings/"+name+".jsonl.gz", text.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Each lesson runs, its invariant holds unless it is one that shows what goes wrong, and its trace tells what it is about.
func TestLessons(t *testing.T) {
	for name, wants := range shows {
		t.Run(name, func(t *testing.T) {
			rec := trace.NewRecorder(1 << 14)
			err := Run(t.Context(), name, 0, rec)
			if bad := name == "lease-unchecked"; bad != (err != nil) {
				t.Errorf("it returns %v", err)
			}
			if *update {
				keep(t, name)
			}
			v := trace.NewValidator()
			for _, ev := range rec.Events() {
				if err := v.Event(ev); err != nil {
					t.Error(err)
				}
			}
			var text bytes.Buffer
			if err := timeline.WriteText(t.Context(), &text, rec.Events()); err != nil {
				t.Error(err)
			}
			plain := strings.Join(strings.Fields(text.String()), " ")
			for _, want := range wants {
				if !strings.Contains(plain, want) {
					t.Errorf("it does not tell %q", want)
				}
			}
			if t.Failed() || os.Getenv("TURNSTILE_SHOW") != "" {
				t.Log("\n" + text.String())
			}
		})
	}
	if got := len(names()); got != len(shows) {
		t.Errorf("there are %d lessons", got)
	}
	if err := Run(t.Context(), "no-such", 0, trace.NewRecorder(1)); err == nil {
		t.Error("there is a lesson that is not there")
	}
}
