package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/internal/anytest"
	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/scenarios/ordinary"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
)

// kinds says what "turnstile test" calls what is to be expected of a lesson.
var kinds = map[scenarios.Expectation]string{
	scenarios.Clean: "", scenarios.Leak: "leak", scenarios.Race: "data race", scenarios.LostWakeup: "deadlock",
}

// "turnstile test" finds the bug of each lesson that has one, and tries all orders of those that have none.
func TestLessonsAreChecked(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "ordinary")
	if err := ordinary.Unpack(dir); err != nil {
		t.Fatal(err)
	}
	check := func(race bool, args ...string) map[string]anytest.Report {
		t.Helper()
		file := filepath.Join(t.TempDir(), "reports")
		r := tests(t, dir, nil, append([]string{"-report=" + file}, args...)...)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatalf("%v\n%s%s", err, r.out, r.errs)
		}
		reports := make(map[string]anytest.Report)
		for line := range strings.Lines(string(text)) {
			var report anytest.Report
			if err := json.Unmarshal([]byte(line), &report); err != nil {
				t.Fatal(err)
			}
			if report.Race == race {
				reports[report.Package+"."+report.Test] = report
			}
		}
		return reports
	}
	reports := check(false, "-runs=30000", "-time=60s", "./...")
	races := cgoWorks(t)
	if races {
		for name, report := range check(true, "-race", "-run", "TestRace", "./datarace") {
			reports[name] = report
		}
	}
	for _, l := range ordinary.All() {
		if l.Expect == scenarios.Race && !races {
			continue
		}
		r, kind := reports[l.Package()+"."+l.Test], ""
		if len(r.Failures) > 0 {
			kind = r.Failures[0].Kind
		}
		switch want := kinds[l.Expect]; {
		case kind != want:
			t.Errorf("%s, which is %v: found is %q, want %q: %+v", l.Name, l.Expect, kind, want, r)
		case kind == "" && r.Verdict != anytest.Exhausted:
			t.Errorf("%s is %s after %d orders: %s %q", l.Name, r.Verdict, r.Orders, r.Reason, r.Caveats)
		}
	}
}

// The recording of each lesson is what happens in it today. With -update it is written anew.
func TestLessonRecordings(t *testing.T) {
	t.Parallel()
	p := &program{getenv: os.Getenv}
	defer p.workshop.clean()
	for _, l := range ordinary.All() {
		if l.Expect == scenarios.Race && !cgoWorks(t) {
			continue
		}
		m, err := p.performLesson(t.Context(), t.Context(), l, 0)
		if err != nil {
			t.Fatalf("%s: %v", l.Name, err)
		}
		if flag.Lookup("update").Value.String() == "true" {
			if err := keep(filepath.Join("..", "..", "scenarios", "ordinary", "testdata", "recordings", l.Name+".jsonl.gz"), m.Events); err != nil {
				t.Fatal(err)
			}
			continue
		}
		kept, err := l.Recording(t.Context())
		if err != nil {
			t.Error(err)
			continue
		}
		if was, is := matters(kept), matters(m.Events); !slices.Equal(was, is) {
			t.Errorf("%s: the recording is\n%s\nand in the lesson there is\n%s\nmake recordings writes it anew", l.Name, strings.Join(was, "\n"), strings.Join(is, "\n"))
		}
	}
}

// keep writes events into a compressed file. Goroutines and addresses get small numbers, which are the same the next time.
func keep(name string, events []trace.Event) error {
	pcs, gs := map[uint64]uint64{0: 0}, map[int64]int64{0: 0}
	number := func(g int64) int64 {
		if _, known := gs[g]; !known {
			gs[g] = int64(len(gs))
		}
		return gs[g]
	}
	events = slices.Clone(events)
	for i := range events {
		ev := &events[i]
		if _, known := pcs[ev.PC]; !known {
			pcs[ev.PC] = uint64(len(pcs))
		}
		ev.PC, ev.G = pcs[ev.PC], number(ev.G)
		switch ev.Kind { // those whose Peer is a goroutine
		case trace.KindDefineG, trace.KindSpawn, trace.KindUnblock, trace.KindRelease:
			ev.Peer = number(ev.Peer)
		}
		if ev.Kind == trace.KindBegin {
			ev.N = 0
		}
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	if err := tracefile.Write(z, events); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(name, b.Bytes(), 0o644) //nolint:gosec // it is to be committed
}

// matters returns what is to be the same in two recordings of a lesson: what is done, by whom, to what, and at which line.
func matters(events []trace.Event) (lines []string) {
	names, places := make(map[trace.ID]string), make(map[uint64]string)
	gs := make(map[int64]string)
	for i := range events {
		switch ev := &events[i]; ev.Kind {
		case trace.KindDefineG:
			gs[ev.G] = ev.Text
		case trace.KindDefineObj, trace.KindRename:
			names[ev.Obj] = ev.Text
		case trace.KindDefinePC:
			places[ev.PC] = ev.Text // with the source
		default:
			place, _, _ := strings.Cut(places[ev.PC], "\n")
			lines = append(lines, fmt.Sprint(ev.Kind, " ", gs[ev.G], " ", names[ev.Obj], " ", ev.Text, " ", place))
		}
	}
	return lines
}
