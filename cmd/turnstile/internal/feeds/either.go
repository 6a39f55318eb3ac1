package feeds

import (
	"context"
	"errors"
	"time"

	"github.com/turnstile-go/turnstile/internal/feed"
	"github.com/turnstile-go/turnstile/internal/tell"
)

// twoSources is a Source of programs that trace themselves with package trace, and of programs whose standard library reports.
// It prefers the trace of a program that does both, because that has the primitives of package sync2 and their names.
type twoSources struct {
	socket *feed.Socket
	tells  *tell.Directory
}

// hesitation is how long a program may take after its start to begin to trace itself.
const hesitation = 300 * time.Millisecond

// Next implements feed.Source.
func (s *twoSources) Next(ctx context.Context) (feed.Stream, error) {
	type result struct {
		stream feed.Stream
		err    error
	}
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	traced, told := make(chan result, 1), make(chan error, 1)
	go func() {
		stream, err := s.socket.Next(waiting)
		traced <- result{stream, err}
	}()
	go func() {
		ok, err := s.tells.Claimed(waiting)
		if !ok && err == nil {
			err = errNoReport
		}
		told <- err
	}()
	var hesitates <-chan time.Time
	var r result
	for r.stream == nil && r.err == nil {
		select {
		case r = <-traced:
		case err := <-told:
			if err != nil { // no program will report
				r = <-traced
			} else {
				hesitates = time.After(hesitation)
			}
		case <-hesitates:
			cancel()
			r = <-traced
		}
	}
	cancel()
	if r.stream != nil {
		s.tells.Skip()
		return r.stream, nil
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx) // it is the caller's
	}
	return s.tells.Next(ctx) // it says all
}

var errNoReport = errors.New("no program reports")

// Either returns a Source of programs that trace themselves to socket, or else report to tells.
func Either(socket *feed.Socket, tells *tell.Directory) feed.Source {
	return &twoSources{socket, tells}
}
