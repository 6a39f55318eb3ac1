package explore

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
)

// A wordy value has a side effect when its text is requested.
type wordy func() string

func (w wordy) Error() string { return w() }

type stringer func() string

func (s stringer) String() string { return s() }

// lose fails the program with the given function in some schedules.
func lose(fail func(e *E)) func(e *E) {
	return func(e *E) {
		n := NewAtomicInt(e, "n", 0)
		inc := func() { n.Store(n.Load() + 1) }
		e.Go("ann", inc)
		e.Go("ben", inc)
		e.Join()
		if n.Load() != 2 {
			fail(e)
		}
	}
}

// A failure's identity does not depend on its text: its token leads to it again.
func TestFailureIsNotItsText(t *testing.T) {
	texts := 0
	for name, fail := range map[string]func(e *E){
		"address":              func(e *E) { e.Fail("%p", e) },
		"address of a new one": func(e *E) { e.Fail("%p", new(int)) },
		"count":                func(e *E) { texts++; e.Fail("failed %d times", texts) },
		"time":                 func(e *E) { e.Fail("%v", time.Now()) },
		"stack":                func(e *E) { e.Fail("%s", debug.Stack()) },
		"goroutine":            func(e *E) { e.Fail("in %v", sync2.Current().ID()) },
		"function":             func(e *E) { e.Fail("%v", any(e.Yield)) },
		"channel":              func(e *E) { e.Fail("%v", make(chan int)) },
		"panic with a pointer": func(*E) { panic(new(int)) },
		"panic with a struct":  func(*E) { panic(struct{ p *int }{new(int)}) },
		"panic with an error":  func(*E) { panic(fmt.Errorf("at %p", new(int))) },
		"panic with a stack":   func(*E) { panic(string(debug.Stack())) },
		"nil dereference":      func(*E) { var p *int; *p = 1 }, //nolint:govet // that is what is tested
		"PanicError": func(e *E) {
			_, err := sync2.Submit(sync2.NewExecutor(1), func(context.Context) (int, error) { panic("boom") }).Result()
			e.Check(err == nil, "%v", err)
		},
		"panic with a PanicError": func(*E) {
			_, err := sync2.Submit(sync2.NewExecutor(1), func(context.Context) (int, error) { panic("boom") }).Result()
			panic(err)
		},
	} {
		for strategy, opts := range map[string][]Option{"random": {Random(200)}, "DPOR": {DPOR()}} {
			r := Explore(t.Name(), lose(fail), opts...)
			if r.Failure == nil || r.Failure.Kind != KindCheckFailed && r.Failure.Kind != KindPanicked || r.Failure.Token == "" {
				t.Errorf("%s, %s: %v, %v, want a failure with a token", name, strategy, r, r.Failure)
				continue
			}
			first, _, _ := strings.Cut(r.Failure.Report(), "\n")
			if !strings.Contains(first, "[replay: "+r.Failure.Token+"]") {
				t.Errorf("%s: the token is not on the first line:\n%s", name, r.Failure.Report())
			}
			for range 3 {
				again := Explore(t.Name(), lose(fail), Replay(r.Failure.Token))
				if again.Failure == nil || again.Failure.id() != r.Failure.id() || again.Diverged != "" {
					t.Errorf("%s: replayed: %v, %v", name, again, again.Failure)
				}
			}
		}
	}
}

// Failures at different positions are different, even with the same text.
func TestFailuresAtDifferentPlaces(t *testing.T) {
	runs := 0
	r := Explore(t.Name(), func(e *E) {
		runs++
		e.Yield()
		if runs == 1 {
			e.Fail("no good")
		}
		e.Fail("no good")
	}, Random(10))
	if r.Failure == nil || r.Failure.Kind != KindBadProgram || !strings.Contains(r.Failure.Message, "does not always do the same") {
		t.Errorf("%v: %v", r, r.Failure)
	}
}

// The failure's text comes from the program: whatever producing it does, the failure is reported.
func TestTextOfFailure(t *testing.T) {
	huge := strings.Repeat("x", 1<<20)
	var nothing *wordy
	for _, tt := range []struct {
		name, want string
		fail       func(e *E)
	}{
		{"Error panics", "explore.wordy (Error panicked)", func(*E) { panic(wordy(func() string { panic("again") })) }},
		{"String panics", "explore.stringer (String panicked)", func(*E) { panic(stringer(func() string { panic("again") })) }},
		{"typed nil", "*explore.wordy (Error panicked)", func(*E) { panic(nothing) }},
		{"Error exits", "explore.wordy", func(*E) { panic(wordy(func() string { runtime.Goexit(); return "" })) }},
		{"Error waits", "after the wait", func(e *E) {
			var ev sync2.Event
			e.Go("cat", ev.Set)
			panic(wordy(func() string { ev.Wait(); return "after the wait" }))
		}},
		{"Error locks", "locked", func(*E) {
			var mu sync2.Mutex
			defer mu.Unlock()
			mu.Lock()
			panic(wordy(func() string { mu.TryLock(); return "locked" }))
		}},
		{"Error fails", "within", func(e *E) { panic(wordy(func() string { e.Fail("within"); return "" })) }},
		{"long", "xxx …", func(*E) { panic(huge) }},
		{"lines", "one …", func(*E) { panic("one\ntwo") }},
		{"one that contains itself", "explore.loop", func(*E) { panic(looped()) }},
		{"argument that panics", "PANIC", func(e *E) { e.Fail("%v", wordy(func() string { panic("again") })) }},
		{"argument that exits", "%v", func(e *E) { e.Fail("%v", wordy(func() string { runtime.Goexit(); return "" })) }},
		{"argument that waits", "after the wait", func(e *E) {
			var ev sync2.Event
			e.Go("cat", ev.Set)
			e.Check(false, "%v", wordy(func() string { ev.Wait(); return "after the wait" }))
		}},
		{"long argument", "xxx …", func(e *E) { e.Fail("%v", huge) }},
		{"nil", "panic called with nil argument", func(*E) { panic(nil) }}, //nolint:govet // that is what is tested
		{"joined errors", "one …", func(*E) { panic(errors.Join(errors.New("one"), errors.New("two"))) }},
	} {
		r := Explore(t.Name(), lose(tt.fail), Random(100))
		if f := r.Failure; f == nil || f.Kind != KindPanicked && f.Kind != KindCheckFailed || !strings.Contains(f.Error(), tt.want) {
			t.Errorf("%s: %v, %v, want …%s…", tt.name, r, r.Failure, tt.want)
		} else if len(f.Error()) > engine.MaxText+100 {
			t.Errorf("%s: a text of %d bytes", tt.name, len(f.Error()))
		}
	}
}

type loop []any

func looped() loop {
	l := make(loop, 1)
	l[0] = l
	return l
}

// If only the objects of the operations differ between two runs, the message says so.
func TestOtherObjects(t *testing.T) {
	runs := 0
	r := Explore(t.Name(), func(e *E) {
		a, b := NewVar(e, "a", 0), NewVar(e, "b", 0)
		a.Load()
		b.Load()
		v := a
		if runs++; runs > 2 {
			v = b
		}
		for range 2 {
			e.Go("", func() { v.Load() })
		}
		e.Join()
	}, DFS())
	if r.Failure == nil || !strings.Contains(r.Failure.Message, " in one run and the same with other objects in another") {
		t.Errorf("%v: %v", r, r.Failure)
	}
}
