// Package feed reads traces of running programs: from a socket, a growing file, a pipe, or anything else that offers
// a [Stream].
//
// A [Source] yields one stream for each run of the program; a [Feed] reads one of them ahead.
package feed

import (
	"context"
	"errors"
	"io"
	"iter"
	"sync"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
)

// buffered is the number of events that may wait to be drained. Beyond that, reading stops, so that eventually the
// program itself drops events and counts them.
const buffered = 1 << 16

// A Source returns the streams of a watched program, one after another.
type Source interface {
	// Next waits for the next stream. It returns io.EOF if there will be none.
	Next(ctx context.Context) (Stream, error)
}

// A Stream is the trace of a running program.
type Stream interface {
	// All returns the events as they arrive. An error comes last, with a zero Event.
	All() iter.Seq2[trace.Event, error]
	// Close ends All, even while it waits for an event.
	io.Closer
}

// Decode returns the Stream of a trace file.
func Decode(r io.ReadCloser) Stream { return decoded{r} }

type decoded struct{ io.ReadCloser }

// All implements Stream.
func (d decoded) All() iter.Seq2[trace.Event, error] {
	return func(yield func(trace.Event, error) bool) {
		r, err := tracefile.NewReader(d.ReadCloser)
		if err != nil {
			yield(trace.Event{}, err)
			return
		}
		r.All()(yield)
	}
}

// errStopped is the error of a Feed that was stopped.
var errStopped = errors.New("stopped")

// A Feed is an incoming trace. Its methods are safe for concurrent use, except that only one goroutine may call Drain
// at a time.
type Feed struct {
	src  io.Closer
	wake chan struct{} // has a value when there are events
	done chan struct{} // closed when nothing more will come

	mu      sync.Mutex
	events  []trace.Event
	room    chan struct{} // closed when events have been drained; nil if no goroutine waits for that
	stopped bool
	err     error // guarded by done
}

// Open waits for the next stream of src and returns a Feed of it. The caller must call Stop.
func Open(ctx context.Context, src Source) (*Feed, error) {
	stream, err := src.Next(ctx)
	if err != nil {
		return nil, err // it names the source
	}
	f := &Feed{src: stream, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go func() {
		defer close(f.done)
		f.err = f.read(stream)
	}()
	return f, nil
}

// read reads stream to its end and returns its error. A truncated last line or a missing end is not an error: the
// program may have been killed.
func (f *Feed) read(stream Stream) error {
	var err error
	for ev, bad := range stream.All() {
		if err = bad; err != nil || !f.add(ev) {
			break
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.stopped:
		return errStopped
	case errors.Is(err, tracefile.ErrTruncated), errors.Is(err, io.ErrUnexpectedEOF):
		return nil
	}
	return err
}

// add adds an event as soon as there is room, and reports whether the Feed goes on.
func (f *Feed) add(ev trace.Event) bool {
	for {
		f.mu.Lock()
		if f.stopped || len(f.events) < buffered {
			break
		}
		if f.room == nil {
			f.room = make(chan struct{})
		}
		room := f.room
		f.mu.Unlock()
		<-room
	}
	defer f.mu.Unlock()
	f.events = append(f.events, ev)
	select {
	case f.wake <- struct{}{}:
	default:
	}
	return !f.stopped
}

// Drain appends the events that arrived since the last call to buf, oldest first, and returns it. It never waits.
func (f *Feed) Drain(buf []trace.Event) []trace.Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	buf = append(buf, f.events...)
	f.events = f.events[:0]
	f.makeRoom()
	return buf
}

func (f *Feed) makeRoom() {
	if f.room != nil {
		close(f.room)
		f.room = nil
	}
}

// Ready returns a channel that has a value if events have arrived since the last receive from it.
func (f *Feed) Ready() <-chan struct{} { return f.wake }

// Ended returns a channel that is closed when nothing more will come.
func (f *Feed) Ended() <-chan struct{} { return f.done }

// Done reports whether the stream has ended. Earlier events may remain to be drained.
func (f *Feed) Done() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

// Err returns the error of the stream once Done reports true.
func (f *Feed) Err() error {
	if !f.Done() {
		return nil
	}
	return f.err
}

// Stop ends the Feed and waits until it has ended. It may be called more than once.
func (f *Feed) Stop() {
	f.mu.Lock()
	f.stopped = true
	f.makeRoom()
	f.mu.Unlock()
	_ = f.src.Close() // it was only read
	<-f.done
}
