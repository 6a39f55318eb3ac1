package lostsignal

import (
	"sync"
	"testing"
)

// A Box is full or empty. Whoever waits for it to be full waits in a sync.Cond.
type Box struct {
	mu     sync.Mutex
	full   bool // guarded by mu
	filled *sync.Cond
}

func NewBox() *Box {
	b := new(Box)
	b.filled = sync.NewCond(&b.mu)
	return b
}

func (b *Box) Fill() {
	b.mu.Lock()
	b.full = true
	b.mu.Unlock()
	b.filled.Signal() // wakes whoever waits now; nobody else will hear of it
}

// LookThenWait looks, lets go of the lock, and then waits. The box may be filled in between.
func (b *Box) LookThenWait() {
	b.mu.Lock()
	full := b.full
	b.mu.Unlock()
	if full {
		return
	}
	b.mu.Lock()
	b.filled.Wait()
	b.mu.Unlock()
}

// WaitUntilFull looks and begins to wait under one hold of the lock, which Wait gives back when it has begun. It looks
// again after each signal: another goroutine may have come first.
func (b *Box) WaitUntilFull() {
	b.mu.Lock()
	for !b.full {
		b.filled.Wait()
	}
	b.mu.Unlock()
}

func TestLostSignal(t *testing.T) {
	b := NewBox()
	go b.Fill()
	b.LookThenWait()
}

func TestFixed(t *testing.T) {
	b := NewBox()
	go b.Fill()
	b.WaitUntilFull()
}
