package synctesting

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"go.uber.org/goleak"

	"github.com/turnstile-go/turnstile/internal/place"
	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A pass is a number of runs of the program under the same observation.
type pass struct {
	*options
	program func(ctx context.Context) error
	found   []*Finding
	before  goleak.Option // ignores goroutines that existed before
}

// examine runs all checks except Schedules.
func (o *options) examine(ctx context.Context, program func(ctx context.Context) error) []*Finding {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	p := &pass{options: o, program: program}
	if o.has(Leaks) {
		if err := readStacks(func() { p.before = goleak.IgnoreCurrent() }); err != nil {
			p.add(Leaks, 0, err)
			return p.found
		}
	}
	if o.has(Runs) || o.has(Leaks) {
		p.repeat(ctx, p.free)
	}
	if len(p.found) == 0 && (o.has(Locks) || o.has(Traces)) {
		p.repeat(ctx, p.traced)
	}
	return p.found
}

// repeat runs a pass until a run has a finding.
func (p *pass) repeat(ctx context.Context, run func(ctx context.Context, round int)) {
	for round := range p.rounds {
		if ctx.Err() != nil || len(p.found) > 0 || p.failed != nil && p.failed() {
			return
		}
		runtime.GOMAXPROCS(p.procs[round%len(p.procs)])
		run(context.WithValue(ctx, roundKey{}, round), round)
	}
}

// add adds a finding, unless its check is excluded.
func (p *pass) add(c Check, round int, err error) {
	if err != nil && p.has(c) {
		p.found = append(p.found, &Finding{c, round, err})
	}
}

// free runs the program once, unobserved.
func (p *pass) free(parent context.Context, round int) {
	ctx, cancel := context.WithTimeoutCause(parent, p.timeout, errTooLong)
	defer cancel()
	r := p.listen()
	err := p.attempt(ctx)
	order := r.end()
	if parent.Err() != nil {
		return // the behavior of an interrupted program proves nothing
	}
	p.add(Runs, round, err)
	p.add(Locks, round, order)
	if p.has(Leaks) {
		p.add(Leaks, round, p.left())
	}
}

// listen begins a report of go-deadlock, if Locks is not excluded.
func (p *pass) listen() *report {
	if !p.has(Locks) || guardsInternals {
		return nil
	}
	return listen()
}

// traced runs the program once with a trace.
func (p *pass) traced(parent context.Context, round int) {
	r := p.listen()
	w := newWatcher(r)
	if err := trace.Start(w); err != nil {
		_ = r.end()
		p.add(Traces, round, err)
		return
	}
	ctx, cancel := context.WithTimeoutCause(parent, p.timeout, errTooLong)
	err := p.attempt(ctx)
	cancel()
	if p.has(Leaks) {
		_ = p.left() // this only gives goroutines time to end, so that the trace is complete; the other pass reports leaks
	}
	trace.Stop()
	invalid, order := w.finish(), r.end()
	if parent.Err() != nil {
		return
	}
	p.add(Runs, round, err)
	p.add(Traces, round, invalid)
	p.add(Locks, round, order)
}

// errTooLong is the cause of the context of a run that takes too long.
var errTooLong = errors.New("synctesting: the run takes too long")

// attempt runs the program once, in a goroutine of its own, and returns an error if it did not end well.
func (p *pass) attempt(ctx context.Context) error {
	before := races()
	err := p.returned(ctx)
	if n := races() - before; n > 0 {
		err = errors.Join(err, &RaceError{n})
	}
	return err
}

// returned runs the program once, and returns its result, or why it did not return.
func (p *pass) returned(ctx context.Context) error {
	done := make(chan error, 1)
	go func() {
		err := errGoexit
		defer func() { done <- err }()
		err = p.program(ctx)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	grace := time.NewTimer(min(p.timeout, 5*time.Second))
	defer grace.Stop()
	select {
	case err := <-done:
		return fmt.Errorf("it took longer than %v, when its context ended it returned %w", p.timeout, cmp.Or(err, errNil))
	case <-grace.C:
		return fmt.Errorf("it took longer than %v, and did not return when its context ended%s\nall goroutines:\n%s", p.timeout, waiting(), stacks())
	}
}

// errNil takes the place of a nil error.
var errNil = errors.New("nil")

// errGoexit is the result of a program that called runtime.Goexit.
var errGoexit = errors.New("the program ended its goroutine, by t.FailNow or runtime.Goexit")

// left returns an error if the run has leaked goroutines. It gives goroutines that are about to end the time to do so.
func (p *pass) left() error {
	var err error
	if unread := readStacks(func() { err = goleak.Find(append([]goleak.Option{p.before}, p.ignore...)...) }); unread != nil {
		return unread
	}
	if err == nil {
		return nil
	}
	return errors.New(place.Text(err.Error() + named() + waiting()))
}

// readStacks calls goleak, which panics if a goroutine has more than a hundred frames, because the runtime prints only some of
// them. A recursion may end soon; if it does not, readStacks returns an error.
func readStacks(call func()) error {
	const times = 100
	for range times {
		if !panics(call) {
			return nil
		}
		time.Sleep(10 * time.Millisecond) //nolint:forbidigo // the depth of other goroutines' stacks is not known
	}
	return errors.New("goleak cannot read the stacks of this process, so that leaks were not looked for: a goroutine has more than a hundred frames")
}

func panics(call func()) (did bool) {
	defer func() { did = recover() != nil }()
	call()
	return false
}

// named returns the names of the goroutines of sync2 that are left.
func named() string {
	var names []string
	for _, g := range sync2.Goroutines() {
		names = append(names, safetext.Line(g.Name()))
	}
	if len(names) == 0 {
		return ""
	}
	return "\nstarted by sync2.Go and still there: " + strings.Join(names, ", ")
}

// waiting describes the goroutines that wait in package sync2, "" if there are none.
func waiting() string {
	var b strings.Builder
	_ = sync2.WriteWaits(&b) // a Builder has no errors
	if b.Len() == 0 {
		return ""
	}
	return "\nwho waits:\n" + strings.TrimSuffix(b.String(), "\n")
}

// stacks returns the stacks of all goroutines.
func stacks() string {
	b := make([]byte, 1<<18)
	return place.Text(string(b[:runtime.Stack(b, true)]))
}

// A RaceError reports that the race detector has found N races. The race reports themselves are on standard error.
type RaceError struct{ N int }

// Error returns text with the number of races.
func (e *RaceError) Error() string {
	if e.N == 1 {
		return "the race detector has reported a data race on standard error"
	}
	return fmt.Sprintf("the race detector has reported %d data races on standard error", e.N)
}
