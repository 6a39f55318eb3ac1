package explore

import (
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/internal/steps"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// An object used in a line of source has the name it has there, if it is the only one.
func TestNameIn(t *testing.T) {
	for _, c := range []struct {
		line  string
		class trace.Class
		want  string
	}{
		{"	results <- 7", trace.ClassChan, "results"},
		{"	b.events <- from + to", trace.ClassChan, "b.events"},
		{"	case <-ctx.Done():", trace.ClassChan, "ctx.Done()"},
		{"	v, ok := <-s.in", trace.ClassChan, "s.in"},
		{"	for range b.events {", trace.ClassChan, "b.events"},
		{"	for job := range jobs {", trace.ClassChan, "jobs"},
		{"	defer close(done)", trace.ClassChan, "done"},
		{"	chans[i] <- 1", trace.ClassChan, "chans[i]"},
		{"	out <- <-in", trace.ClassChan, ""},
		{"	x := 1", trace.ClassChan, ""},
		{"	b.mu.Lock()", trace.ClassMutex, "b.mu"},
		{"	once.Do(func() { mu.Lock(); mu.Unlock() })", trace.ClassMutex, "mu"},
		{"	a.Lock(); b.Lock()", trace.ClassMutex, ""},
		{"	defer s.table.RUnlock()", trace.ClassRWMutex, "s.table"},
		{"	once.Do(func() {", trace.ClassOnce, "once"},
		{"	wg.Go(func() {", trace.ClassWaitGroup, "wg"},
		{"	q.notEmpty.Wait()", trace.ClassCond, "q.notEmpty"},
		{"	if n := hits.Add(1); n > 3 {", trace.ClassAtomic, "hits"},
		{"	größe.mu.Lock()", trace.ClassMutex, "größe.mu"},
		{"	mu.Lock()", trace.ClassEvent, ""},
	} {
		if got := nameIn(c.line, c.class); got != c.want {
			t.Errorf("%q: %s is %q, want %q", c.line, c.class, got, c.want)
		}
	}
}

// Objects are named by the source; equal names get numbers, and existing names are kept.
func TestNameObjects(t *testing.T) {
	const text = "a_test.go:2 f\n	a := 1\n	acc.mu.Lock()\n	wg.Wait()"
	events := []trace.Event{
		{Kind: trace.KindDefinePC, PC: 5, N: 1, Text: text},
		{Kind: trace.KindDefineObj, Obj: 1, Class: trace.ClassMutex, Text: "mutex-1"},
		{Kind: trace.KindDefineObj, Obj: 2, Class: trace.ClassMutex, Text: "mutex-2"},
		{Kind: trace.KindDefineObj, Obj: 3, Class: trace.ClassMutex, Text: "mine"},
		{Kind: trace.KindDefineObj, Obj: 4, Class: trace.ClassWaitGroup, Text: "waitgroup-1"},
		{Kind: trace.KindAcquire, G: 1, Obj: 2, N: 1, PC: 5}, {Kind: trace.KindAcquire, G: 1, Obj: 1, N: 1, PC: 5},
		{Kind: trace.KindAcquire, G: 1, Obj: 3, N: 1, PC: 5}, {Kind: trace.KindPass, G: 1, Obj: 4, PC: 5},
	}
	nameObjects(events, nil)
	for i, want := range []string{"acc.mu#2", "acc.mu#1", "mine", "waitgroup-1"} {
		if got := events[i+1].Text; got != want {
			t.Errorf("object %d is called %s, want %s", i+1, got, want)
		}
	}
}

// The channels of a select statement have the names in its cases.
func TestNamesOfCases(t *testing.T) {
	const text = "a_test.go:2 f\n\tfor {\n\t\tselect {\n\t\tcase <-ctx.Done():\n\t\t\tother <- 1\n\t\tcase out <- 7:\n\t\tcase v, ok := <-in:\n\t\t}\n\t}"
	watch := func(id trace.ID, what string) trace.Event {
		return trace.Event{Kind: trace.KindWatch, G: 1, Obj: id, Peer: 4, Text: what, PC: 5}
	}
	events := []trace.Event{
		{Kind: trace.KindDefinePC, PC: 5, N: 1, Text: text},
		{Kind: trace.KindDefineObj, Obj: 1, Class: trace.ClassChan, Text: "chan-1"},
		{Kind: trace.KindDefineObj, Obj: 2, Class: trace.ClassChan, Text: "chan-2"},
		{Kind: trace.KindDefineObj, Obj: 3, Class: trace.ClassChan, Text: "chan-3"},
		{Kind: trace.KindDefineObj, Obj: 4, Class: trace.ClassSelect, Text: "select of main"},
		watch(1, "send"), watch(2, "receive"), watch(3, "receive"),
		{Kind: trace.KindBlock, G: 1, Obj: 4, PC: 5, Text: "select"},
	}
	nameObjects(events, nil)
	for i, want := range []string{"out", "in", "ctx.Done()", "select of main"} {
		if got := events[i+1].Text; got != want {
			t.Errorf("object %d is called %s, want %s", i+1, got, want)
		}
	}
}

// A goroutine that has ended, which a trace forgets, still has its name in the table of steps.
func TestEndedGoroutinesHaveNames(t *testing.T) {
	if steps.Instrumented {
		return // the steps differ, and are not traced
	}
	r := Explore(t.Name(), func(e *E) {
		g := sync2.Go("ann", func() {})
		g.Join()
		e.Fail("now")
	}, Random(1))
	if r.Failure == nil || !strings.Contains(r.Failure.Report(), "Join ann") || !strings.Contains(r.Failure.Report(), "end ann") {
		t.Errorf("%v", r.Failure.Report())
	}
}

// What the compiler adds to the name of a function for the literals in it is removed, and nothing else.
func TestTrimLiterals(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"context.WithCancel.func1", "context.WithCancel"},
		{"x.Run.func1.2", "x.Run"},
		{"x.Run.func12.gowrap3", "x.Run"},
		{"x.(*T).Run.func1.1.1", "x.(*T).Run"},
		{"x.Run2", "x.Run2"},
		{"x.func", "x.func"},
		{"x.func1x", "x.func1x"},
		{"x.Run.gowrap", "x.Run.gowrap"},
		{"x.myfunc1", "x.myfunc1"},
		{"", ""},
		{"7", "7"},
	} {
		if got := engine.TrimLiterals(c.name); got != c.want {
			t.Errorf("TrimLiterals(%q) = %q, want %q", c.name, got, c.want)
		}
	}
}
