package explore

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/internal/anytest"
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
)

// The recording of an ordinary test's failure is consistent for whatever the test uses, with the names and lines of
// the source; it is the same each time.
func TestAnyGoRecorded(t *testing.T) {
	b := buildAnyGo(t, "testdata/recorded")
	_, reports := b.run(anytest.Config{})
	for test, wants := range map[string][]string{
		"TestLockAndChannel": {"waits for b.mu", "waits to send to b.events", "waits until wg is 0, now", "fails: deadlock"},
		"TestSelect": {
			"sends 4 to p.jobs, 2 of 2", "waits to receive from time.After or p.results", "sets timer-1, to fire after 0.05 s",
			"writes p.hits", "receives 3 from p.jobs", "waits to send to p.quit",
		},
		"TestClosedTwice": {"tries stop and fails", "closes stop", "fails: panic: close of closed channel"},
		"TestCond":        {"waits for c", "at c", "unlocks mu"},
		"TestReaders":     {"locks table for reading", "runs the function of once", "waits for table for reading", "has run the function of once"},
		"TestTime": {
			"sleeps for 0.1 s", "is awake again", "fires, and will again after 0.3 s", "waits to receive from ctx.Done()", "stops timer-",
			" to tick.C", "fails: check failed",
		},
		"TestNil": {"waits in a select without cases", "waits to receive from nil channel, or to send to nil channel"},
	} {
		t.Run(test, func(t *testing.T) {
			r := reports[test]
			if r == nil || len(r.Failures) == 0 {
				t.Fatalf("no failure: %+v", r)
			}
			first := ""
			for range 2 {
				file := filepath.Join(t.TempDir(), "recording.jsonl")
				b.run(anytest.Config{Replay: r.Failures[0].Token, Record: file, Confirm: true}, "-test.run=^"+test+"$")
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				told := checkRecording(t, text, wants)
				if first != "" && told != first {
					t.Errorf("the first recording tells\n%s\nand the second\n%s", first, told)
				}
				first = told
			}
		})
	}
}

// checkRecording checks a recording, and returns what it tells.
func checkRecording(t *testing.T, text []byte, wants []string) string {
	t.Helper()
	events, err := tracefile.Read(t.Context(), bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	valid, state := trace.NewValidator(), new(timeline.State)
	valid.AllowWaiting = true
	var told strings.Builder
	for _, ev := range events {
		if err := valid.Event(ev); err != nil {
			t.Errorf("%v, after\n%s", err, &told)
		}
		if err := state.Apply(ev); err != nil {
			t.Error(err)
		}
		fmt.Fprintln(&told, time.Duration(ev.Time), timeline.Describe(state, ev), state.Site(ev.PC))
	}
	if err := valid.Finish(); err != nil {
		t.Error(err)
	}
	for _, want := range wants {
		if !strings.Contains(told.String(), want) {
			t.Errorf("no %q in\n%s", want, &told)
		}
	}
	if !state.HasSource() {
		t.Error("there is no source")
	}
	return told.String()
}
