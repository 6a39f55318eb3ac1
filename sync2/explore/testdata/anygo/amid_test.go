package anygo

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The tests here go on for longer than a schedule may, and meanwhile others wait: forever, where nothing that goes on reaches what they
// wait for.

// longAmid does what can be ordered, for longer than a schedule may.
func longAmid() {
	var n atomic.Int64
	go n.Add(1)
	for range 1 << 20 {
		n.Add(1)
	}
}

// A lockable has pointers, so that it does not share a word of memory with another variable.
type lockable struct {
	sync.Mutex
	name string
}

//go:noinline
func lockTwice() {
	m := new(lockable)
	m.Lock()
	go func() {
		m.Lock() // amid
	}()
}

func TestAmidLock(t *testing.T) {
	lockTwice()
	longAmid()
}

// One that waits for a goroutine that waits forever does so as well.
//
//go:noinline
func chain() {
	m, done := new(lockable), make(chan bool)
	m.Lock()
	go func() {
		defer close(done)
		m.Lock() // amid first
	}()
	go func() {
		<-done // amid second
	}()
}

func TestAmidChain(t *testing.T) {
	chain()
	longAmid()
}

func TestAmidHeld(t *testing.T) {
	m := new(lockable)
	m.Lock()
	go func() {
		m.Lock()
	}()
	longAmid()
	m.Unlock()
}

var amidGlobal sync.Mutex

//go:noinline
func lockGlobal() {
	amidGlobal.Lock()
	go func() {
		amidGlobal.Lock()
	}()
}

func TestAmidGlobal(t *testing.T) {
	lockGlobal()
	longAmid()
}

//go:noinline
func unlockLater() {
	m := new(lockable)
	m.Lock()
	time.AfterFunc(time.Hour, m.Unlock)
	go func() {
		m.Lock()
	}()
}

func TestAmidTimer(t *testing.T) {
	unlockLater()
	longAmid()
}

// A finalizer is of the program as well.
//
//go:noinline
func unlockFinally() {
	m := new(lockable)
	m.Lock()
	runtime.SetFinalizer(&[]*lockable{m}[0], func(p **lockable) { (*p).Unlock() })
	go func() {
		m.Lock()
	}()
}

func TestAmidFinalizer(t *testing.T) {
	unlockFinally()
	longAmid()
}

// One who has what another waits for, and waits for what may come, may let that go on.
func TestAmidOtherWaits(t *testing.T) {
	come := make(chan bool)
	m := new(lockable)
	func() {
		m.Lock()
		go func() {
			<-come
			m.Unlock()
		}()
		go func() {
			m.Lock()
		}()
	}()
	longAmid()
	close(come)
}
