package lostsignal

import (
	"sync"
	"testing"
)

// A Box is full or empty. Goroutines wait in a sync.Cond for it to be full.
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
	b.filled.Signal() // wakes a goroutine that waits now; a later one misses it
}

// LookThenWait looks, releases the lock, and then waits. The box may be filled in between.
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

// WaitUntilFull looks and begins to wait without releasing the lock in between: Wait releases it once it has begun. It
// looks again after each signal: another goroutine may have come first.
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
