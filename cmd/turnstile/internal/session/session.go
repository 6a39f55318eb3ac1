package session

import (
	"context"
	"errors"
	"runtime/debug"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/record"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/source"
	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Buffer is the number of events that may wait for the viewer.
const Buffer = 1 << 16

// errExited is the result of a scenario that does not return.
var errExited = errors.New("the scenario called runtime.Goexit")

// ErrStopped is the cause of the context of a session that was stopped.
var ErrStopped = errors.New("stopped")

// A Session is a running scenario and its trace. It implements tui.Session.
type Session struct {
	of      *scenarios.Scenario
	pace    float64
	rec     *trace.Recorder
	Sources *source.Reader // adds lines of source to the events; may be nil
	cancel  context.CancelCauseFunc
	done    chan struct{}
	err     error // of the scenario; may be read once done is closed
	recErr  error // of the recording, likewise

	state  timeline.State // after what follow has seen
	events int
}

// Start starts s and records it. The file is replaced when the scenario has ended. There can be one session at a time, because
// a process has one trace.
func Start(ctx context.Context, s *scenarios.Scenario, params scenarios.Params, as record.As) (*Session, error) {
	ses := &Session{of: s, pace: params.Pace(), rec: trace.NewRecorder(Buffer), done: make(chan struct{})}
	sink, finish, discard, err := record.Into(as, ses.rec)
	if err != nil {
		return nil, err
	}
	if err := trace.Start(sink); err != nil {
		discard()
		return nil, exit.With(exit.Trouble, err)
	}
	ctx, ses.cancel = context.WithCancelCause(ctx)
	go func() {
		defer close(ses.done)
		defer ses.cancel(nil)
		defer func() { ses.recErr = finish() }()
		defer trace.Stop()
		ses.err = errExited
		ses.err = runTraced(ctx, s, params)
	}()
	return ses, nil
}

// runTraced runs s in a goroutine that the trace shows as main. The result is part of the trace.
func runTraced(ctx context.Context, s *scenarios.Scenario, params scenarios.Params) error {
	var none *trace.Object
	none.Emit(trace.Event{Kind: trace.KindDefineG, Text: "main"})
	end := trace.Event{Kind: trace.KindExit, Text: "the invariant held"}
	err := runSafely(ctx, s, params)
	if err != nil {
		end.N, end.Text = 1, err.Error()
	}
	none.Emit(end)
	return err
}

// runSafely runs s, and returns a panic as an error, so that the program can go on and restore the terminal.
func runSafely(ctx context.Context, s *scenarios.Scenario, params scenarios.Params) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &exit.PanicError{Value: r, Stack: debug.Stack()}
		}
	}()
	return s.Run(ctx, params) // it says what failed
}

// Drain appends the events since the last call to buf and returns it.
func (s *Session) Drain(buf []trace.Event) []trace.Event {
	n := len(buf)
	buf = s.rec.Drain(buf)
	if s.Sources != nil {
		s.Sources.Add(buf[n:])
	}
	return buf
}

// Done reports whether the scenario has ended.
func (s *Session) Done() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// Err returns the error of the scenario and of the recording, nil before the scenario has ended.
func (s *Session) Err() error {
	if !s.Done() {
		return nil
	}
	return errors.Join(s.err, s.recErr)
}

// Stop stops the scenario and waits for it to end.
func (s *Session) Stop() {
	s.cancel(ErrStopped)
	<-s.done
}

// StopOn stops the scenario because of err.
func (s *Session) StopOn(err error) { s.cancel(err) }

// Result returns the error of the scenario, which must have ended, and of its recording.
func (s *Session) Result() (err, recording error) { return s.err, s.recErr }

// Seen returns the state after the events that follow has seen.
func (s *Session) Seen() *timeline.State { return &s.state }
