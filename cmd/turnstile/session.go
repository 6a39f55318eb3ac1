package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/source"
	"github.com/turnstile-go/turnstile/internal/atomicfile"
	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
)

// buffered is how many events may wait for the viewer.
const buffered = 1 << 16

// errExited is what comes of a scenario that does not come to its end.
var errExited = errors.New("the scenario has called runtime.Goexit")

// errStopped is the cause with which a session is stopped.
var errStopped = errors.New("stopped")

// A session is a scenario that runs, and its trace. It implements tui.Session.
type session struct {
	of      *scenarios.Scenario
	pace    float64
	rec     *trace.Recorder
	sources *source.Reader // nil: the events are as they are recorded
	cancel  context.CancelCauseFunc
	done    chan struct{}
	err     error // of the scenario; may be read once done is closed
	recErr  error // of the recording, likewise

	state  timeline.State // after what follow has seen
	events int
}

// start starts s, records it as record says, and returns at once. The file is replaced when
// the scenario has ended. There is one session at a time: the trace is the process's.
func start(ctx context.Context, s *scenarios.Scenario, params scenarios.Params, record recordAs) (*session, error) {
	ses := &session{of: s, pace: params.Pace(), rec: trace.NewRecorder(buffered), done: make(chan struct{})}
	sink, finish, discard, err := recordInto(record, ses.rec)
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

// A recordAs says where a trace is recorded: into a file, if that is not "". It says that it is of the program that label tells, if
// that is not "".
type recordAs struct{ file, label string }

// recordInto returns a sink that records a trace as record says, and gives all events to beside, if that is not nil. Finish puts the file in its place once the trace has ended, discard drops it.
func recordInto(record recordAs, beside trace.Sink) (sink trace.Sink, finish func() error, discard func(), err error) {
	if record.file == "" {
		return beside, func() error { return nil }, func() {}, nil
	}
	file, err := atomicfile.Create(record.file)
	if err != nil {
		return nil, nil, nil, exit.With(exit.Trouble, fmt.Errorf("--record: %w", err))
	}
	f := tracefile.NewWriter(file)
	discard = func() {
		_ = f.Close() // nothing of it is kept
		file.Discard()
	}
	finish = func() error {
		defer file.Discard()
		if err := f.Close(); err != nil {
			return err // it names the file
		}
		return file.Commit() // likewise
	}
	sink = labeling{f, record.label}
	if beside != nil {
		sink = both{beside, sink}
	}
	return sink, finish, discard, nil
}

// A labeling is a sink that gives a trace to another, and says at its beginning of what program it is: a scenario with its
// parameters, or a token.
type labeling struct {
	to    trace.Sink
	label string
}

// Event implements trace.Sink.
func (l labeling) Event(ev trace.Event) {
	if ev.Kind == trace.KindBegin {
		ev.Text = l.label
	}
	l.to.Event(ev)
}

// labelOf returns what a recording of a scenario says that it is of: its name, and the parameters that were set but for the pace.
func labelOf(name string, set map[string]string) string {
	words := []string{name}
	for _, key := range slices.Sorted(maps.Keys(set)) {
		if key != scenarios.Pace.Name {
			words = append(words, key+"="+set[key])
		}
	}
	return strings.Join(words, " ")
}

// runTraced runs s in a goroutine that the trace shows as main, from its beginning to its end. Its result is part of
// the trace, so that a recording tells it.
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

// runSafely runs s. A panic is an error: the program goes on, and gives the terminal back in the end.
func runSafely(ctx context.Context, s *scenarios.Scenario, params scenarios.Params) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &exit.PanicError{Value: r, Stack: debug.Stack()}
		}
	}()
	return s.Run(ctx, params) // it says what failed
}

// Drain appends the events that came since the last call to buf and returns it.
func (s *session) Drain(buf []trace.Event) []trace.Event {
	n := len(buf)
	buf = s.rec.Drain(buf)
	if s.sources != nil {
		s.sources.Add(buf[n:])
	}
	return buf
}

// Done reports whether the scenario has ended.
func (s *session) Done() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// Err returns what failed, once Done.
func (s *session) Err() error {
	if !s.Done() {
		return nil
	}
	return errors.Join(s.err, s.recErr)
}

// Stop ends the scenario and waits for that.
func (s *session) Stop() {
	s.cancel(errStopped)
	<-s.done
}

// both is a sink that gives each event to two.
type both [2]trace.Sink

// Event implements trace.Sink.
func (b both) Event(ev trace.Event) {
	b[0].Event(ev)
	b[1].Event(ev)
}
