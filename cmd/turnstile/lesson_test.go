package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/console"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/lessons"
	"github.com/turnstile-go/turnstile/internal/anytest"
	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/scenarios/ordinary"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
	"github.com/turnstile-go/turnstile/tui"
)

// kinds has the words of "turnstile test" for the bug that a lesson is expected to have.
var kinds = map[scenarios.Expectation]string{
	scenarios.ExpectClean: "", scenarios.ExpectLeak: "leak", scenarios.ExpectRace: "data race", scenarios.ExpectLostWakeup: "deadlock",
}

// "turnstile test" finds the bug of each lesson that has one, and tries all schedules of each lesson without one.
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
		maps.Copy(reports, check(true, "-race", "-run", "TestRace", "./datarace"))
	}
	for _, l := range ordinary.All() {
		if l.Expect == scenarios.ExpectRace && !races {
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
			t.Errorf("%s is %s after %d schedules: %s %q", l.Name, r.Verdict, r.Schedules, r.Reason, r.Caveats)
		}
	}
}

// The recording of each lesson is what happens in it today. With -update it is written anew.
func TestLessonRecordings(t *testing.T) {
	t.Parallel()
	p := &program{getenv: os.Getenv, out: new(console.Writer)}
	p.workshop.Tests = p.tests
	defer p.workshop.Clean()
	for _, l := range ordinary.All() {
		if l.Expect == scenarios.ExpectRace && !cgoWorks(t) {
			continue
		}
		m, err := p.workshop.Perform(t.Context(), t.Context(), l, 0)
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
	return os.WriteFile(name, b.Bytes(), 0o644)
}

// matters returns what two recordings of a lesson must share: the operations with their goroutines, objects and lines.
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

// Without Go, lessons show the recordings, and commands that need Go say so.
func TestLessonsWithoutGo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	r := in{}.do(t, "run leak")
	if r.code != exit.Failed || !strings.Contains(r.out, "server      waits to send to answer") || !strings.Contains(r.errs, "showing a recording: no go command in PATH") || !strings.Contains(r.errs, "leak: server waits forever") {
		t.Errorf("run leak: %+v", r)
	}
	if r := (in{}).do(t, "run leak-fixed --format json"); r.code != exit.OK || !strings.HasPrefix(r.out, `{"format":"turnstile-trace"`) {
		t.Errorf("as JSON: %+v", r)
	}
	file := filepath.Join(t.TempDir(), "r.jsonl")
	if r := (in{}).do(t, "run unbuffered --times --record "+file); r.code != exit.OK || !strings.Contains(r.out, "unbuffered: the test passes under this schedule") {
		t.Errorf("recorded: %+v", r)
	}
	if r := (in{}).do(t, "export "+file+" --format text"); r.code != exit.OK || !strings.Contains(r.out, "receives tea from counter") {
		t.Errorf("exported: %+v", r)
	}
	if r := (in{}).do(t, "export lost-signal --format text"); r.code != exit.Failed || !strings.Contains(r.out, "notifies no waiter at b.filled") {
		t.Errorf("exported: %+v", r)
	}
	for _, line := range []string{"run leak -p schedule=3", "check leak", "hint leak 4"} {
		if r := (in{}).do(t, line); r.code == exit.OK || !strings.Contains(r.errs, "no go command in PATH") {
			t.Errorf("%s: %+v", line, r)
		}
	}
	r = in{terminal: true, ui: func(ctx context.Context, cfg tui.Config) error {
		at := slices.IndexFunc(cfg.Entries, func(e tui.Entry) bool { return e.Name == "data-race" })
		if e := cfg.Entries[at]; e.Category != "Ordinary Go" || !e.Even || e.Preparing == "" || len(e.Params) != 1 {
			return fmt.Errorf("the entry is %+v", e)
		}
		s, err := cfg.Start("data-race", nil)
		if err != nil {
			return err
		}
		s.Stop()
		if events := s.Drain(nil); len(events) > 0 && len(events) < 10 { // it may have come to its end before
			return fmt.Errorf("what was stopped has %d events", len(events))
		}
		if s, err = cfg.Start("data-race", nil); err != nil {
			return err
		}
		s.(*lessons.Run).Wait()
		if events := s.Drain(nil); len(events) < 10 || s.Err() == nil || s.(tui.NotedSession).Note() == "" {
			return fmt.Errorf("there are %d events, %w", len(events), s.Err())
		}
		pb, err := cfg.Shortest(ctx, "leak", nil, func(int, int) {})
		if err != nil || len(pb.Events) < 10 {
			return fmt.Errorf("the failing schedule: %+v, %w", pb, err)
		}
		return nil
	}}.do(t, "run data-race")
	if r.code != exit.OK || r.errs != "" {
		t.Errorf("in the player: %+v", r)
	}
}

func TestLessonUsage(t *testing.T) {
	for line, want := range map[string]string{
		"run leak --pace 2":                "--pace 2: leak has no pauses to scale; use --speed to set how fast it is played",
		"export leak -o x.svg --pace 0.5":  "--pace 0.5: leak has no pauses",
		"run leak --pace 0 -p schedule=-1": "schedule=-1: out of range, must be 0 … 9999",
		"run leak -p schedule=-1":          "schedule=-1: out of range, must be 0 … 9999",
		"run leek":                         `no scenario is called "leek"; did you mean "leak"?`,
		"run leak --format ui":             "input and output must be a terminal",
		"run leak --format json --times":   "--times needs --format text",
		"suite leak":                       "leak is a lesson of ordinary Go; use turnstile check leak",
		"check leak --format github":       "omit --format",
		"check leak --json --seed x":       "invalid argument",
		"check leak --strategy dfs":        "-strategy dfs: must be",
		"leak":                             `"leak" is a scenario; to run it: turnstile run leak`,
	} {
		if r := (in{}).do(t, line); r.code != exit.Usage || !strings.Contains(r.errs, want) {
			t.Errorf("%s: %+v", line, r)
		}
	}
	if r := (in{}).do(t, "list"); !strings.Contains(r.out, "Ordinary Go (16)\n  unbuffered ") {
		t.Errorf("list prints %s", r.out)
	}
	if r := (in{}).do(t, "hint lost-signal 3"); r.code != exit.OK || !strings.Contains(r.out, "3 of 3  The box is filled between the look and the wait.") {
		t.Errorf("hint: %+v", r)
	}
}

// A lesson can be run under any schedule and driven to its failure, which its token replays.
func TestLessonIsDriven(t *testing.T) {
	t.Parallel()
	var token string
	r := in{terminal: true, ui: func(ctx context.Context, cfg tui.Config) error {
		d, err := cfg.Driver(cfg.Drive, nil)
		if err != nil {
			return err
		}
		first, err := d.At(ctx, nil)
		if err != nil || len(first.Choices) != 2 || first.Choices[1].Name != "b.Fill" || first.Choices[1].Where != "lostsignal_test.go:22" {
			return fmt.Errorf("at first there is %+v, %w", first, err)
		}
		m, err := d.Search(ctx, nil, func(int, int) {})
		if err != nil || m == nil || m.Err == nil {
			return fmt.Errorf("the search has found %+v, %w", m, err)
		}
		if token, err = d.Token(ctx, m.Made); err != nil {
			return err
		}
		s, err := cfg.Start("lost-signal", map[string]string{"schedule": "7"})
		if err != nil {
			return err
		}
		s.(*lessons.Run).Wait()
		if events := s.Drain(nil); len(events) < 10 || s.(tui.NotedSession).Note() != "" {
			return fmt.Errorf("schedule 7 has %d events, %w", len(events), s.Err())
		}
		return nil
	}}.do(t, "drive lost-signal")
	if r.code != exit.OK || r.errs != "" {
		t.Fatalf("%+v", r)
	}
	if r := (in{}).do(t, "replay "+token); r.code != exit.OK || !strings.HasPrefix(r.out, "deadlock: main waits forever") {
		t.Errorf("the token leads to %+v", r)
	}
	if r := (in{}).do(t, "hint lost-signal 4"); r.code != exit.OK || !strings.Contains(r.out, "Signal b.filled  lostsignal_test.go:25") {
		t.Errorf("the failing schedule is %+v", r)
	}
	var result checkJSON
	if r := (in{}).do(t, "check lost-signal --json"); r.code != exit.Failed || json.Unmarshal([]byte(r.out), &result) != nil || result.OK ||
		result.Failure == nil || result.Failure.Kind != "deadlock" || len(result.Failure.Steps) < 4 || result.Schedules == 0 {
		t.Errorf("as JSON: %+v", r)
	}
	if r := (in{}).do(t, "check lost-signal-fixed"); r.code != exit.OK || !strings.Contains(r.out, "explore: exhausted: ") {
		t.Errorf("the fix: %+v", r)
	}
}
