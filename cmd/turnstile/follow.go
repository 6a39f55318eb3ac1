package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// How long, at pace 1, nothing may happen before a scenario is taken to hang: if there is a deadlock, and if there is none
// to be seen.
const (
	stuckFor = time.Second
	quietFor = 10 * time.Second
)

// errHangs is what comes of a scenario that has to be stopped.
var errHangs = errors.New("it hangs: nothing happens any more")

// follow calls f with each event of the session, as they come, until the scenario has ended and all have been seen, or
// until it hangs: nothing happens any more. It returns what came of it.
func (s *session) follow(pace float64, f func(trace.Event)) error {
	var state timeline.State
	var buf []trace.Event
	wake := s.rec.Wake()
	for ended := false; ; {
		deadlocks := state.Deadlocks()
		patience := quietFor
		if len(deadlocks) > 0 {
			patience = stuckFor
		}
		quiet := time.NewTimer(time.Duration(float64(patience) * max(1, pace)))
		select {
		case <-wake:
		case <-s.done:
			ended = true
		case <-quiet.C:
			if len(deadlocks) > 0 {
				return fmt.Errorf("deadlock: %s", state.Sentence(deadlocks[0]))
			}
			return errHangs
		}
		quiet.Stop()
		buf = s.Drain(buf[:0])
		for _, ev := range buf {
			_ = state.Apply(ev) // an event that cannot be is shown as it came
			f(ev)
		}
		if ended {
			return s.err
		}
	}
}

// toEnd is follow, and then stops the scenario if it hangs: what it does because of that is seen too, and its end says why.
func (s *session) toEnd(pace float64, f func(trace.Event)) {
	s.cancel(s.follow(pace, f))
	<-s.done
	_ = s.follow(pace, f)
}
