package explore

import (
	"slices"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// raceText is a report of the race detector, except for the file.
const raceText = `Read at 0x00c0000960a8 by goroutine 23:
  internal/x.y()
      /goroot/src/internal/x/y.go:3 +0x75
  example.com/m.door()
      FILE:2 +0x75

Previous write at 0x00c0000960a8 by goroutine 21:
  example.com/m.door()
      FILE:2 +0x87

Goroutine 23 (running) created at:
  example.com/m.Test()
      FILE:15 +0x1c8

Goroutine 21 (finished) created at:
  example.com/m.Test()
      FILE:14 +0x126`

// museum is the recording of the program of raceText.
func museum() []trace.Event {
	return []trace.Event{
		{Seq: 1, Kind: trace.KindBegin},
		{Seq: 2, Kind: trace.KindDefineG, G: 5, Text: "main"},
		{Seq: 3, Kind: trace.KindDefineG, G: 6, Peer: 5, Text: "door"},
		{Seq: 4, Kind: trace.KindDefinePC, PC: 10, Text: "d_test.go:14 m.Test"},
		{Seq: 5, Kind: trace.KindSpawn, G: 5, Peer: 6, PC: 10},
		{Seq: 6, Kind: trace.KindDefineG, G: 7, Peer: 5, Text: "door#2"},
		{Seq: 7, Kind: trace.KindDefinePC, PC: 11, Text: "d_test.go:15 m.Test"},
		{Seq: 8, Kind: trace.KindSpawn, G: 5, Peer: 7, PC: 11},
		{Seq: 9, Kind: trace.KindExit, G: 6},
		{Seq: 10, Kind: trace.KindExit, G: 7},
		{Seq: 11, Kind: trace.KindFail, Text: "data race: two accesses"},
		{Seq: 12, Kind: trace.KindEnd},
	}
}

func ownOf(fn string) bool { return strings.HasPrefix(fn, "example.com/m.") }

// The accesses reported by the race detector are inserted where they happened, and the failure with them.
func TestWithRace(t *testing.T) {
	report := strings.ReplaceAll(raceText, "FILE", "/nowhere/d_test.go")
	before := []int{4, 8, 9, 11, 12}
	events := withRace(museum(), before, report, ownOf)
	s := new(timeline.State)
	var said []string
	for i := range events {
		if err := s.Apply(events[i]); err != nil || events[i].Seq != uint64(i+1) {
			t.Errorf("event %d is number %d: %v", i+1, events[i].Seq, err)
		}
		switch events[i].Kind {
		case trace.KindRead, trace.KindWrite, trace.KindExit, trace.KindFail:
			said = append(said, timeline.Describe(s, events[i])+" "+s.Site(events[i].PC))
		default:
		}
	}
	want := `door writes variable of d_test.go:2 d_test.go:2 m.door
door ends ` + `
door#2 reads variable of d_test.go:2 d_test.go:2 m.door
door#2 fails: data race: nothing orders this read of variable of d_test.go:2 and the write by door d_test.go:2 m.door
door#2 ends `
	if want := []int{4, 8, 12, 15, 16}; !slices.Equal(before, want) {
		t.Errorf("there are %d events before what had 4, 8, 9, 11, 12, want %d", before, want)
	}
	if got := strings.Join(said, "\n"); got != want {
		t.Errorf("the recording says\n%s\nwant\n%s", got, want)
	}
}

// If the goroutines cannot be identified for certain, the recording stays unchanged.
func TestWithoutRace(t *testing.T) {
	for name, change := range map[string]func(events []trace.Event, report string) string{
		"one access":    func(_ []trace.Event, s string) string { return strings.Replace(s, "Previous write", "Something", 1) },
		"same place":    func(_ []trace.Event, s string) string { return strings.Replace(s, "FILE:14", "FILE:15", 1) },
		"nobody known":  func(_ []trace.Event, s string) string { return strings.ReplaceAll(s, "Goroutine 2", "Something ") },
		"a loop":        func(events []trace.Event, s string) string { events[6].Text = events[3].Text; return s },
		"another order": func(events []trace.Event, s string) string { events[8].G, events[9].G = 7, 6; return s },
	} {
		events := museum()
		report := change(events, raceText)
		if got := withRace(events, nil, strings.ReplaceAll(report, "FILE", "/nowhere/d_test.go"), ownOf); len(got) != len(events) {
			t.Errorf("%s: there are %d events, want %d as before", name, len(got), len(events))
		}
	}
}

// A line that changes a variable reveals its name.
func TestAssigned(t *testing.T) {
	for line, want := range map[string]string{
		"\t*visitors++ // reads": "visitors", "n--": "n", "  s.count += 2": "s.count", "m[k] = v": "m[k]", "x <<= 1": "x",
		"x := 1": "", "if x == 1 {": "", "f(x)": "", "return x": "", "x == y": "",
	} {
		got := ""
		if m := assigned().FindStringSubmatch(line); m != nil {
			got = m[1]
		}
		if got != want {
			t.Errorf("%q changes %q, want %q", line, got, want)
		}
	}
}

// Objects that only the standard library uses are marked as internal; a context from which another is derived gets
// its name.
func TestNameObjectsInner(t *testing.T) {
	const text = "a_test.go:2 f\n	a := 1\n	ctx, cancel := context.WithCancel(server)\n	cancel()"
	events := []trace.Event{
		{Kind: trace.KindDefinePC, PC: 5, N: 1, Text: text},
		{Kind: trace.KindDefinePC, PC: 6, N: 1, Text: strings.Replace(text, ":2", ":3", 1)},
		{Kind: trace.KindDefineObj, Obj: 1, Class: trace.ClassChan, Text: "chan-1"},
		{Kind: trace.KindDefineObj, Obj: 2, Class: trace.ClassChan, Text: "chan-2"},
		{Kind: trace.KindDefineObj, Obj: 3, Class: trace.ClassChan, Text: "chan-3"},
		{Kind: trace.KindTryFail, G: 1, Obj: 1, N: 1, PC: 5}, {Kind: trace.KindClose, G: 1, Obj: 2, PC: 6},
		{Kind: trace.KindClose, G: 1, Obj: 3, PC: 6},
	}
	nameObjects(events, map[engine.Use]bool{{Obj: 1, PC: 5}: true, {Obj: 2, PC: 6}: true})
	for i, want := range []struct {
		name  string
		inner bool
	}{{"server.Done()", false}, {"chan-2", true}, {"chan-3", false}} {
		if ev := events[i+2]; ev.Text != want.name || ev.Inner != want.inner {
			t.Errorf("object %d is called %s, inner: %v; want %v", i+1, ev.Text, ev.Inner, want)
		}
	}
}
