package quiet

import (
	"errors"
	"testing"
	"time"
)

// Timers that are fired early, so that others seem to be slow, make no program wrong that only expects of itself not to be.

// acquire gets a ticket, or gives up after a while.
func acquire(tickets chan bool) error {
	timer := time.NewTimer(200 * time.Millisecond)
	select {
	case tickets <- true:
		timer.Stop()
		return nil
	case <-timer.C:
		return errors.New("no tickets")
	}
}

func TestEarlyTimerOfOneWhoNeedNotWait(t *testing.T) {
	tickets := make(chan bool, 1)
	_ = acquire(tickets)
	<-tickets
	go func() {}()
	_ = acquire(tickets)
	<-tickets
}

func TestEarlyTimerFailsTheTest(t *testing.T) {
	result := make(chan error)
	go func() { result <- nil }()
	select {
	case <-result:
	case <-time.After(100 * time.Millisecond):
		t.Error("timeout")
	}
}

func TestEarlyTimeoutOfManySeconds(t *testing.T) {
	ready := make(chan bool)
	go func() { ready <- true }()
	timeout := time.After(10 * time.Second)
	select {
	case <-ready:
	case <-timeout: // nobody looks at what came of it
		<-timeout
	}
}
