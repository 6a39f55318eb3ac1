package lessons

import (
	"context"
	"errors"
	"fmt"

	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/scenarios/ordinary"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui"
)

// Perform runs l under the schedule with the given number and returns what happened. Schedule 0 shows the bug.
func (w *Workshop) Perform(ctx, life context.Context, l *ordinary.Lesson, schedule int) (*tui.Moment, error) {
	d := &lessonDriver{w: w, l: l, life: life}
	if schedule > 0 {
		return d.GoOn(ctx, nil, uint64(schedule))
	}
	token, err := d.Token(ctx, l.Made)
	if err != nil {
		return nil, err
	}
	m, err := d.Replay(ctx, token)
	if err == nil && m.Err == nil && l.Expect != scenarios.ExpectClean {
		return nil, errors.New("the schedule to be shown does not fail on this machine")
	}
	return m, err
}

// A Run is a run of a lesson, or its recording. It implements tui.Session.
type Run struct {
	cancel context.CancelFunc
	done   chan struct{}

	// These may be read once done is closed.
	events []trace.Event
	err    error
	note   string // why a recording is shown instead
}

// Start builds l and runs it under the schedule with the given number. If l cannot be built, its recording takes the place of
// schedule 0. Keep, which may be nil, is called with the events.
func (w *Workshop) Start(ctx context.Context, l *ordinary.Lesson, schedule int, keep func([]trace.Event) error) *Run {
	life := ctx
	ctx, cancel := context.WithCancel(ctx)
	r := &Run{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		defer cancel()
		m, err := w.Perform(ctx, life, l, schedule)
		switch {
		case err == nil:
			r.events, r.err = m.Events, m.Err
		case schedule == 0 && ctx.Err() == nil:
			r.note = fmt.Sprintf("showing a recording: %v", err)
			if r.events, r.err = l.Recording(ctx); r.err == nil {
				r.err = failureIn(r.events)
			}
		default:
			r.err = err
		}
		if keep != nil && len(r.events) > 0 {
			r.err = errors.Join(r.err, keep(r.events))
		}
	}()
	return r
}

// failureIn returns the failure of a recorded run, nil if there is none.
func failureIn(events []trace.Event) error {
	for i := range events {
		if events[i].Kind == trace.KindFail {
			return errors.New(events[i].Text)
		}
	}
	return nil
}

// Wait waits until the run has ended.
func (r *Run) Wait() { <-r.done }

// Events returns all events of a run that has ended.
func (r *Run) Events() []trace.Event { return r.events }

// Drain implements tui.Session.
func (r *Run) Drain(buf []trace.Event) []trace.Event {
	if !r.Done() {
		return buf
	}
	buf = append(buf, r.events...)
	r.events = nil
	return buf
}

// Done implements tui.Session.
func (r *Run) Done() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// Err implements tui.Session.
func (r *Run) Err() error {
	if !r.Done() {
		return nil
	}
	return r.err
}

// Note returns why the events are a recording, "" if they are not. It may be called once the run is done.
func (r *Run) Note() string { return r.note }

// Stop implements tui.Session.
func (r *Run) Stop() {
	r.cancel()
	<-r.done
}
