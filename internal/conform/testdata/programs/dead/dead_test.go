// Package dead has programs of which every run ends while goroutines still wait, in each operation that can wait. What
// they have deferred runs when the run is taken down, and nothing of it reaches the next run.
//
// A line that ends in a comment "// leak" is one at which such a goroutine waits.
package dead

import (
	"context"
	"io"
	"net"
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"programs/want"
)

// mess is what goroutines that never end defer.
type mess struct {
	mu   sync.Mutex
	rw   sync.RWMutex
	wg   sync.WaitGroup
	once sync.Once
	cond *sync.Cond
	c    chan int
	full chan int
	n    atomic.Int64
	stop context.CancelFunc
	m    sync.Map
}

func newMess() *mess {
	m := &mess{c: make(chan int), full: make(chan int, 1)}
	m.cond = sync.NewCond(&m.mu)
	m.full <- 1
	_, m.stop = context.WithCancel(context.Background())
	m.wg.Add(1)
	return m
}

// leave does everything that a deferred function may do, also what waits.
func (m *mess) leave() {
	defer func() { recover() }()
	defer m.wg.Done()
	defer close(m.c)
	defer m.stop()
	defer m.cond.Broadcast()
	defer m.m.Store(1, 2)
	defer m.n.Add(1)
	defer m.once.Do(func() { m.n.Add(1) })
	defer func() { go m.n.Add(1) }()
	defer time.AfterFunc(1, func() { m.n.Add(1) }).Stop()
	defer func() {
		select {
		case m.full <- 2:
		case <-m.full:
		default:
		}
	}()
	defer func() { m.full <- 3 }()
	defer func() {
		m.mu.Lock()
		defer m.mu.Unlock()
	}()
	defer time.Sleep(time.Millisecond) // a deferred call that blocks
	defer m.wg.Wait()
	defer runtime.Gosched()
}

// start has f running as a goroutine that is left alone, and others that do not matter, so that there are several schedules.
func start(t *testing.T, f func(m *mess)) {
	m := newMess()
	go func() {
		defer m.leave()
		f(m)
	}()
	c := make(chan int, 2)
	go func() { c <- 1 }()
	go func() { c <- 2 }()
	want.Outcome(t, want.Text(<-c, <-c), "1 2", "2 1")
}

func TestDeadSend(t *testing.T)     { start(t, func(m *mess) { m.c <- 1 }) }               // leak
func TestDeadSendFull(t *testing.T) { start(t, func(m *mess) { m.full <- 1 }) }            // leak
func TestDeadSendNil(t *testing.T)  { start(t, func(m *mess) { var c chan int; c <- 1 }) } // leak
func TestDeadRecv(t *testing.T)     { start(t, func(m *mess) { <-m.c }) }                  // leak
func TestDeadRecvNil(t *testing.T)  { start(t, func(m *mess) { var c chan int; <-c }) }    // leak
func TestDeadRange(t *testing.T) {
	start(t, func(m *mess) {
		for range m.c { //nolint:revive // leak
		}
	})
}
func TestDeadSelectEmpty(t *testing.T) { start(t, func(m *mess) { select {} }) } // leak
func TestDeadSelect(t *testing.T) {
	start(t, func(m *mess) {
		select { // leak
		case <-m.c:
		case m.full <- 1:
		}
	})
}
func TestDeadSelectNil(t *testing.T) {
	start(t, func(m *mess) {
		var c chan int
		select { // leak
		case <-c:
		case c <- 1:
		}
	})
}
func TestDeadReflectSelect(t *testing.T) {
	start(t, func(m *mess) {
		reflect.Select([]reflect.SelectCase{{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(m.c)}}) // leak
	})
}
func TestDeadReflectRecv(t *testing.T) { start(t, func(m *mess) { reflect.ValueOf(m.c).Recv() }) } // leak
func TestDeadLock(t *testing.T) {
	start(t, func(m *mess) {
		m.mu.Lock()
		m.mu.Lock() // leak
	})
}
func TestDeadRWLock(t *testing.T) {
	start(t, func(m *mess) {
		m.rw.RLock()
		m.rw.Lock() // leak
	})
}
func TestDeadRLock(t *testing.T) {
	start(t, func(m *mess) {
		m.rw.Lock()
		m.rw.RLock() // leak
	})
}
func TestDeadWaitGroup(t *testing.T) { start(t, func(m *mess) { m.wg.Wait() }) } // leak
func TestDeadCond(t *testing.T) {
	start(t, func(m *mess) {
		m.cond.L.Lock()
		defer m.cond.L.Unlock()
		m.cond.Wait() // leak
	})
}
func TestDeadOnce(t *testing.T) {
	start(t, func(m *mess) {
		m.once.Do(func() {
			m.once.Do(func() {}) // leak
		})
	})
}
func TestDeadContext(t *testing.T) {
	start(t, func(m *mess) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		<-ctx.Done() // leak
	})
}
func TestDeadTimer(t *testing.T) {
	start(t, func(m *mess) {
		timer := time.NewTimer(time.Hour)
		timer.Stop()
		<-timer.C // leak
	})
}
func TestDeadIOPipe(t *testing.T) {
	start(t, func(m *mess) {
		r, w := io.Pipe()
		defer w.Close()
		r.Read(make([]byte, 1)) // leak
	})
}
func TestDeadNetPipe(t *testing.T) {
	start(t, func(m *mess) {
		a, b := net.Pipe()
		defer b.Close()
		defer a.Close()
		a.Read(make([]byte, 1)) // leak
	})
}
func TestDeadInRecover(t *testing.T) { // it swallows panics, and goes on
	start(t, func(m *mess) {
		defer func() {
			recover()
			<-m.c
		}()
		func() {
			defer func() { recover() }()
			<-m.c // leak
		}()
		m.n.Add(1)
	})
}
func TestDeadWhilePanicking(t *testing.T) {
	start(t, func(m *mess) {
		defer func() { recover() }()
		defer func() { <-m.c }() // leak
		panic("on its way")
	})
}
func TestDeadWhileGoexit(t *testing.T) {
	start(t, func(m *mess) {
		defer func() { <-m.c }() // leak
		runtime.Goexit()
	})
}
func TestDeadHoldsLock(t *testing.T) {
	start(t, func(m *mess) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.rw.Lock()
		defer m.rw.Unlock()
		<-m.c // leak
	})
}
func TestDeadWriterBehindReader(t *testing.T) {
	m := newMess()
	m.rw.RLock()
	go func() {
		defer m.leave()
		m.rw.Lock() // leak
	}()
}
func TestDeadManyOnOne(t *testing.T) {
	m := newMess()
	for range 3 {
		go func() {
			defer m.leave()
			select { // leak
			case <-m.c:
			case m.c <- 1:
				<-make(chan int)
			}
		}()
	}
	runtime.Gosched()
}

// In these a run may also be cut off in the middle: main itself waits for ever in some schedules.

func TestDeadMain(t *testing.T) {
	var a, b sync.Mutex
	done := make(chan int)
	go func() {
		defer close(done)
		a.Lock()
		defer a.Unlock()
		b.Lock() // deadlock
		defer b.Unlock()
	}()
	b.Lock()
	defer b.Unlock()
	a.Lock() // deadlock
	defer a.Unlock()
}

// Those that go on for ever never wait.

func TestDeadSpin(t *testing.T) {
	start(t, func(m *mess) {
		for m.n.Load() >= 0 {
			runtime.Gosched()
		}
	})
}

func TestDeadTicker(t *testing.T) {
	start(t, func(m *mess) {
		for range time.Tick(time.Millisecond) {
			m.n.Add(1)
		}
	})
}
