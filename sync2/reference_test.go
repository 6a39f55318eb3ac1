package sync2_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// This file checks each primitive against a slow and obvious reference. A few actors, each a goroutine of its own, are
// told what to do, one at a time and at random: operations without limit, with a timeout, with a context; contexts are
// canceled, and time goes by. After every step, when all is quiet again, the same actors must have finished with the
// same results in the primitive and in its reference, and both must answer questions about their state alike.
//
// A reference knows nothing of goroutines. It is a list of calls that wait, and a function that says which of them can
// go on.

// A call is one operation of one actor.
type call struct {
	actor    int
	verb     string
	n        int
	deadline time.Duration // of a timeout; 0: none
	ended    bool          // its context had ended before
	ctx      context.Context
	d        time.Duration // as given to the Timeout form
}

// A reference is the obvious implementation of a primitive.
type reference interface {
	// begin starts c: it returns its result, or "" if c has to wait.
	begin(c *call) string
	// giveUp ends the waiting call c with the result of a call that gives up for the given reason.
	giveUp(c *call, why string) string
	// released returns the result of the waiting call c if it can go on now, or else "".
	released(c *call) string
	// state is the primitive's answer to questions about its state.
	state() string
}

// A subject is a primitive and its reference.
type subject struct {
	verbs []string             // what actors may do; with limits, in their three forms
	draw  func(t *rapid.T) int // the number that goes with it
	do    func(c *call) string // does it to the primitive, in the actor's goroutine
	state func() string        // asks the primitive
	legal func(c *call) bool   // nil: all is
	end   func()               // nil, or ends what the subject still does
	ref   reference
}

const actors = 4

func checkAgainstReference(t *testing.T, draw func(t *rapid.T) subject) {
	rapid.Check(t, func(rt *rapid.T) {
		var thrown any // rapid ends a run by a panic, which must not leave the bubble
		synctest.Test(t, func(*testing.T) {
			defer func() { thrown = recover() }()
			runAgainstReference(rt, draw(rt))
		})
		if thrown != nil {
			panic(thrown)
		}
	})
}

// A bench is one run.
type bench struct {
	subject
	*rapid.T
	now      time.Duration
	calls    [actors]chan *call
	mu       sync.Mutex     // guards got
	got      [actors]string // results of the primitive, not yet compared
	pending  [actors]*call
	order    []*call // those pending, in order of arrival
	cancels  [actors]context.CancelCauseFunc
	expected map[int]string
	log      []string
}

func runAgainstReference(rt *rapid.T, s subject) {
	b := &bench{subject: s, T: rt, expected: map[int]string{}}
	for i := range b.calls {
		b.calls[i] = make(chan *call)
		go func() {
			for c := range b.calls[i] {
				r := b.do(c)
				b.mu.Lock()
				b.got[i] = r
				b.mu.Unlock()
			}
		}()
	}
	defer b.finish()
	for range rapid.IntRange(1, 30).Draw(rt, "steps") {
		b.step()
		synctest.Wait()
		b.compare()
	}
}

// finish lets every actor end. Actors that would wait forever have contexts that can be canceled.
func (b *bench) finish() {
	for i := range b.calls {
		close(b.calls[i])
		if b.cancels[i] != nil {
			b.cancels[i](errTest)
		}
	}
	if b.end != nil {
		b.end()
	}
	pass(time.Hour) // for those with a timeout
}

func (b *bench) step() {
	switch rapid.IntRange(0, 9).Draw(b.T, "step") {
	case 0:
		b.sleep(time.Duration(rapid.IntRange(1, 30).Draw(b.T, "sleep")) * time.Millisecond)
	case 1:
		b.cancel(rapid.IntRange(0, actors-1).Draw(b.T, "whom"))
	default:
		b.start()
	}
}

// start gives an idle actor something to do.
func (b *bench) start() {
	i := rapid.IntRange(0, actors-1).Draw(b.T, "actor")
	if b.pending[i] != nil {
		return
	}
	c := &call{actor: i, verb: rapid.SampledFrom(b.verbs).Draw(b.T, "verb"), n: b.draw(b.T)}
	ctx, cancel := context.WithCancelCause(context.Background())
	c.ctx = ctx
	if rapid.IntRange(0, 7).Draw(b.T, "ended") == 0 {
		c.ended = true
		cancel(errTest)
	}
	if b.legal != nil && !b.legal(c) {
		cancel(errTest)
		return
	}
	// No two deadlines coincide, since a reference could not say which comes first.
	if ms := rapid.IntRange(-1, 20).Draw(b.T, "timeout"); ms > 0 {
		c.d = time.Duration(ms)*time.Millisecond + time.Duration(len(b.log)+1)*time.Microsecond
		c.deadline = b.now + c.d
	}
	b.cancels[i] = cancel
	b.logf("actor %d: %s n=%d d=%v ended=%v", i, c.verb, c.n, c.d, c.ended)
	if r := b.ref.begin(c); r != "" {
		b.expected[i] = r
	} else {
		b.pending[i] = c
		b.order = append(b.order, c)
	}
	b.settle()
	b.calls[i] <- c
}

func (b *bench) cancel(i int) {
	c := b.pending[i]
	if c == nil || !isContextVerb(c.verb) {
		return
	}
	b.logf("cancel actor %d", i)
	b.drop(c, "ctx")
	b.settle()
	b.cancels[i](errTest)
}

// sleep lets time pass, from one deadline to the next.
func (b *bench) sleep(d time.Duration) {
	b.logf("sleep %v", d)
	end := b.now + d
	for {
		var next *call
		for _, c := range b.order {
			if isTimeoutVerb(c.verb) && c.deadline > 0 && c.deadline <= end && (next == nil || c.deadline < next.deadline) {
				next = c
			}
		}
		if next == nil {
			break
		}
		b.drop(next, "timeout")
		b.settle()
	}
	b.now = end
	pass(d)
}

// drop ends a pending call without success.
func (b *bench) drop(c *call, why string) {
	b.remove(c)
	b.expected[c.actor] = b.ref.giveUp(c, why)
}

// settle releases the calls that can go on, in order of arrival, until none can.
func (b *bench) settle() {
	for again := true; again; {
		again = false
		for _, c := range b.order {
			if r := b.ref.released(c); r != "" {
				b.remove(c)
				b.expected[c.actor] = r
				again = true
				break
			}
		}
	}
}

func (b *bench) remove(c *call) {
	b.pending[c.actor] = nil
	b.order = slices.DeleteFunc(b.order, func(x *call) bool { return x == c })
}

func (b *bench) compare() {
	got := map[int]string{}
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, r := range b.got {
		if r != "" {
			got[i] = r
			b.got[i] = ""
		}
	}
	if !maps.Equal(got, b.expected) {
		b.Fatalf("finished: %v, want %v, after\n%s", got, b.expected, b.history())
	}
	clear(b.expected)
	if got, want := b.state(), b.ref.state(); got != want {
		b.Fatalf("state %s, want %s, after\n%s", got, want, b.history())
	}
}

func (b *bench) state() string { return b.subject.state() }

func (b *bench) logf(format string, args ...any) { b.log = append(b.log, fmt.Sprintf(format, args...)) }

func (b *bench) history() string {
	s := ""
	for _, l := range b.log {
		s += "\t" + l + "\n"
	}
	return s
}

func isContextVerb(v string) bool { return len(v) > 7 && v[len(v)-7:] == "Context" }
func isTimeoutVerb(v string) bool { return len(v) > 7 && v[len(v)-7:] == "Timeout" }

// okOr is the result of a call that returned err.
func okOr(err error) string {
	if err == nil {
		return "ok"
	}
	return err.Error()
}

// yesNo is the result of a call that returned ok.
func yesNo(ok bool) string {
	if ok {
		return "ok"
	}
	return "no"
}

// waitingRef is the part that all references share: how the forms of a verb give up.
type waitingRef struct{}

// early is the result of a call that fails before it looks at anything; "" if it does not.
func (waitingRef) early(c *call) string {
	if isContextVerb(c.verb) && c.ended {
		return errTest.Error()
	}
	return ""
}

// late is the result of a call that has to wait but must not; "" if it may.
func (waitingRef) late(c *call) string {
	if isTimeoutVerb(c.verb) && c.d <= 0 {
		return "no"
	}
	return ""
}

func (waitingRef) giveUp(_ *call, why string) string {
	if why == "timeout" {
		return "no"
	}
	return errTest.Error()
}
