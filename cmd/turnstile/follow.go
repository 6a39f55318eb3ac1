package main

import (
	"errors"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// How long, at pace 1, nothing may happen before a scenario is taken to hang: if there is a deadlock, and if there is none
// to be seen.
const (
	stuckFor = time.Second
	quietFor = 10 * time.Second
)

// How long a scenario that never ends is shown, at pace 1, and how many events at most.
const (
	endlessFor    = 20 * time.Second
	endlessEvents = 10_000
)

// follow calls f with each event of the session, as they come, until the scenario has ended and all have been seen, or
// until it hangs, or until it has produced too many events. It returns the result.
func (s *session) follow(f func(trace.Event)) error {
	slowness := max(1, s.pace)
	var enough <-chan time.Time // of one that ends: never
	if s.of.Endless && !s.Done() {
		enough = time.After(time.Duration(float64(endlessFor) * slowness))
	}
	var buf []trace.Event
	wake := s.rec.Wake()
	for ended := false; ; {
		deadlocks := s.state.Deadlocks()
		patience := quietFor
		if len(deadlocks) > 0 {
			patience = stuckFor
		}
		quiet := time.NewTimer(time.Duration(float64(patience) * slowness))
		select {
		case <-wake:
		case <-s.done:
			ended = true
		case <-quiet.C:
			if len(deadlocks) > 0 {
				return errors.New(s.deadlock(deadlocks[0]))
			}
			return errors.New(s.hangs())
		case <-enough:
			return errors.New(s.goesOn())
		}
		quiet.Stop()
		buf = s.Drain(buf[:0])
		for _, ev := range buf {
			_ = s.state.Apply(ev) // an event that cannot be is shown as it came
			s.events++
			f(ev)
		}
		if ended {
			return s.err
		}
		if enough != nil && s.events >= endlessEvents {
			return errors.New(s.goesOn())
		}
	}
}

// toEnd is follow, and then stops the scenario if it hangs: what it does because of that is seen too, and its end says why.
func (s *session) toEnd(f func(trace.Event)) {
	s.cancel(s.follow(f))
	<-s.done
	_ = s.follow(f)
}
