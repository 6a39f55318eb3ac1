// Package record records traces into files.
package record

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/internal/atomicfile"
	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
)

// A As says where a trace is recorded, and of what program it is.
type As struct {
	File  string // "" if the trace is not recorded
	Label string // a scenario with its parameters, or a token; may be ""
}

// Into returns a sink that records a trace and passes all events to beside, which may be nil. When the trace has ended,
// finish puts the file in its place, or discard drops it. The sink is beside if nothing is to be recorded.
func Into(as As, beside trace.Sink) (sink trace.Sink, finish func() error, discard func(), err error) {
	if as.File == "" {
		return beside, func() error { return nil }, func() {}, nil
	}
	file, err := atomicfile.Create(as.File)
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
	sink = Labeling{f, as.Label}
	if beside != nil {
		sink = both{beside, sink}
	}
	return sink, finish, discard, nil
}

// A Labeling is a sink that passes a trace on, with a label in its first event.
type Labeling struct {
	To    trace.Sink
	Label string
}

// Event implements trace.Sink.
func (l Labeling) Event(ev trace.Event) {
	if ev.Kind == trace.KindBegin {
		ev.Text = l.Label
	}
	l.To.Event(ev)
}

// Label returns the label of a scenario: its name, and the parameters that were set except the pace.
func Label(name string, set map[string]string) string {
	words := []string{name}
	for _, key := range slices.Sorted(maps.Keys(set)) {
		if key != scenarios.Pace.Name {
			words = append(words, key+"="+set[key])
		}
	}
	return strings.Join(words, " ")
}

// both is a sink that passes each event to two sinks.
type both [2]trace.Sink

// Event implements trace.Sink.
func (b both) Event(ev trace.Event) {
	b[0].Event(ev)
	b[1].Event(ev)
}

// A Recording is a running trace, which may be written to a file.
type Recording struct {
	finish func() error // nil if there is no trace
}

// Start starts a trace that is written to the file called name, unless that is "", and passed to beside, which may be
// nil. It starts no trace if there is neither.
func Start(name string, beside trace.Sink) (*Recording, error) {
	sink, finish, discard, err := Into(As{File: name}, beside)
	if err != nil || sink == nil {
		return new(Recording), err
	}
	if err := trace.Start(sink); err != nil {
		discard()
		return nil, exit.With(exit.Trouble, err)
	}
	return &Recording{finish}, nil
}

// End stops the trace, and puts the file in its place.
func (r *Recording) End() error {
	if r.finish == nil {
		return nil
	}
	trace.Stop()
	return r.finish()
}
