package session

import (
	"errors"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// How long, at pace 1, nothing may happen before a scenario is taken to hang: with a deadlock, and without one.
const (
	stuckFor = time.Second
	quietFor = 10 * time.Second
)

// How long a scenario that never ends is shown, at pace 1, and how many of its events.
const (
	endlessFor    = 20 * time.Second
	endlessEvents = 10_000
)

// Follow calls f with each event of the session, until the scenario has ended, hangs, or has produced too many events. It
// returns the result.
func (s *Session) Follow(f func(trace.Event)) error {
	slowness := max(1, s.pace)
	var enough <-chan time.Time // never, if the scenario ends
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
			_ = s.state.Apply(ev) // an inconsistent event is shown as it is
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

// ToEnd is like follow, but stops a scenario that hangs and goes on to its end, which says why it was stopped.
func (s *Session) ToEnd(f func(trace.Event)) {
	s.cancel(s.Follow(f))
	<-s.done
	_ = s.Follow(f)
}
