package locks

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

// TestLocks does what was done by hand in a sandbox, and expects that the same comes of it.
func TestLocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		_ = ctx
		lock := new(sync2.ReentrantLock)
		home := func() {
			for lock.Held() {
				lock.Unlock()
			}
		}
		mu := new(sync2.Mutex)
		hand_ann, ann := start("ann", home)
		_ = ann
		hand_ben, ben := start("ben", home)
		_ = ben
		hand_cem, cem := start("cem", home)
		_ = cem
		call1 := hand_ann.does("mu.Lock()", func() string {
			mu.Lock()
			return say()
		})
		call1.returns(t, "")
		call2 := hand_ben.does("mu.LockTimeout(200*time.Millisecond)", func() string {
			return say(mu.LockTimeout(200 * time.Millisecond))
		})
		call2.waits(t)
		time.Sleep(200 * time.Millisecond)
		synctest.Wait()
		call2.returns(t, "false")
		ctx3, cancel3 := context.WithCancelCause(ctx)
		defer cancel3(nil)
		call3 := hand_ben.does("mu.LockContext(ctx)", func() string {
			return say(mu.LockContext(ctx3))
		})
		call3.waits(t)
		call4 := hand_cem.does("mu.TryLock()", func() string {
			return say(mu.TryLock())
		})
		call4.returns(t, "false")
		call5 := hand_cem.does("mu.Locked()", func() string {
			return say(mu.Locked())
		})
		call5.returns(t, "true")
		call6 := hand_cem.does("mu.Waiting()", func() string {
			return say(mu.Waiting())
		})
		call6.returns(t, "1")
		call7 := hand_cem.does("mu.String()", func() string {
			return say(mu.String())
		})
		call7.returned(t)
		call8 := hand_ann.does("mu.Unlock()", func() string {
			mu.Unlock()
			return say()
		})
		call8.returns(t, "")
		call3.returns(t, "nil")
		call9 := hand_cem.does("mu.Lock()", func() string {
			mu.Lock()
			return say()
		})
		call9.waits(t)
		call10 := hand_ann.does("lock.Lock()", func() string {
			lock.Lock()
			return say()
		})
		call10.returns(t, "")
		call11 := hand_ann.does("lock.TryLock()", func() string {
			return say(lock.TryLock())
		})
		call11.returns(t, "true")
		call12 := hand_ann.does("lock.LockTimeout(time.Second)", func() string {
			return say(lock.LockTimeout(time.Second))
		})
		call12.returns(t, "true")
		ctx13, cancel13 := context.WithCancelCause(ctx)
		defer cancel13(nil)
		call13 := hand_ann.does("lock.LockContext(ctx)", func() string {
			return say(lock.LockContext(ctx13))
		})
		call13.returns(t, "nil")
		call14 := hand_ann.does("lock.Depth()", func() string {
			return say(lock.Depth())
		})
		call14.returns(t, "4")
		call15 := hand_ann.does("lock.Held()", func() string {
			return say(lock.Held())
		})
		call15.returns(t, "true")
		call16 := hand_ann.does("lock.Owner()", func() string {
			return say(lock.Owner())
		})
		call16.returned(t)
		call17 := hand_ann.does("lock.Locked()", func() string {
			return say(lock.Locked())
		})
		call17.returns(t, "true")
		call18 := hand_ben.does("lock.Unlock()", func() string {
			lock.Unlock()
			return say()
		})
		call18.returns(t, "panics: sync2: ReentrantLock.Unlock: not held by the calling goroutine")
		call19 := hand_ben.does("lock.Lock()", func() string {
			lock.Lock()
			return say()
		})
		call19.waits(t)
		call20 := hand_ann.does("lock.Unlock()", func() string {
			lock.Unlock()
			return say()
		})
		call20.returns(t, "")
		call21 := hand_ann.does("lock.Waiting()", func() string {
			return say(lock.Waiting())
		})
		call21.returns(t, "1")
		call22 := hand_ann.does("lock.String()", func() string {
			return say(lock.String())
		})
		call22.returned(t)
		hand_dan, dan := start("dan", home)
		_ = dan
		hand_eva, eva := start("eva", home)
		_ = eva
		rw := new(sync2.RWMutex)
		call23 := hand_dan.does("rw.RLock()", func() string {
			rw.RLock()
			return say()
		})
		call23.returns(t, "")
		call24 := hand_eva.does("rw.Lock()", func() string {
			rw.Lock()
			return say()
		})
		call24.waits(t)
		call25 := hand_dan.does("rw.TryRLock()", func() string {
			return say(rw.TryRLock())
		})
		call25.returns(t, "false")
		call26 := hand_dan.does("rw.RUnlock()", func() string {
			rw.RUnlock()
			return say()
		})
		call26.returns(t, "")
		call24.returns(t, "")
		call27 := hand_eva.does("rw.Downgrade()", func() string {
			rw.Downgrade()
			return say()
		})
		call27.returns(t, "")
		call28 := hand_dan.does("rw.RLockTimeout(time.Second)", func() string {
			return say(rw.RLockTimeout(time.Second))
		})
		call28.returns(t, "true")
		ctx29, cancel29 := context.WithCancelCause(ctx)
		defer cancel29(nil)
		call29 := hand_dan.does("rw.RLockContext(ctx)", func() string {
			return say(rw.RLockContext(ctx29))
		})
		call29.returns(t, "nil")
		call30 := hand_dan.does("rw.Readers()", func() string {
			return say(rw.Readers())
		})
		call30.returns(t, "3")
		call31 := hand_dan.does("rw.TryLock()", func() string {
			return say(rw.TryLock())
		})
		call31.returns(t, "false")
		call32 := hand_dan.does("rw.LockTimeout(200*time.Millisecond)", func() string {
			return say(rw.LockTimeout(200 * time.Millisecond))
		})
		call32.waits(t)
		time.Sleep(200 * time.Millisecond)
		synctest.Wait()
		call32.returns(t, "false")
		call33 := hand_eva.does("rw.RUnlock()", func() string {
			rw.RUnlock()
			return say()
		})
		call33.returns(t, "")
		ctx34, cancel34 := context.WithCancelCause(ctx)
		defer cancel34(nil)
		call34 := hand_eva.does("rw.LockContext(ctx)", func() string {
			return say(rw.LockContext(ctx34))
		})
		call34.waits(t)
		call35 := hand_dan.does("rw.RUnlock()", func() string {
			rw.RUnlock()
			return say()
		})
		call35.returns(t, "")
		call36 := hand_dan.does("rw.RUnlock()", func() string {
			rw.RUnlock()
			return say()
		})
		call36.returns(t, "")
		call34.returns(t, "nil")
		call37 := hand_dan.does("rw.Locked()", func() string {
			return say(rw.Locked())
		})
		call37.returns(t, "true")
		call38 := hand_dan.does("rw.Waiting()", func() string {
			return say(rw.Waiting())
		})
		call38.returns(t, "0")
		call39 := hand_dan.does("rw.String()", func() string {
			return say(rw.String())
		})
		call39.returned(t)
		call40 := hand_eva.does("rw.Unlock()", func() string {
			rw.Unlock()
			return say()
		})
		call40.returns(t, "")
		var shared sync.Locker
		_ = shared
		call41 := hand_dan.does("shared := rw.RLocker()", func() string {
			shared = rw.RLocker()
			return say()
		})
		call41.returns(t, "")
		call42 := hand_dan.does("shared.Lock()", func() string {
			shared.Lock()
			return say()
		})
		call42.returns(t, "")
		call43 := hand_dan.does("shared.Unlock()", func() string {
			shared.Unlock()
			return say()
		})
		call43.returns(t, "")
		locks := new(sync2.KeyedMutex[string])
		call44 := hand_dan.does("locks.Lock(\"a\")", func() string {
			locks.Lock("a")
			return say()
		})
		call44.returns(t, "")
		call45 := hand_eva.does("locks.Lock(\"b\")", func() string {
			locks.Lock("b")
			return say()
		})
		call45.returns(t, "")
		call46 := hand_eva.does("locks.TryLock(\"a\")", func() string {
			return say(locks.TryLock("a"))
		})
		call46.returns(t, "false")
		call47 := hand_eva.does("locks.LockTimeout(\"a\", 200*time.Millisecond)", func() string {
			return say(locks.LockTimeout("a", 200*time.Millisecond))
		})
		call47.waits(t)
		time.Sleep(200 * time.Millisecond)
		synctest.Wait()
		call47.returns(t, "false")
		ctx48, cancel48 := context.WithCancelCause(ctx)
		defer cancel48(nil)
		call48 := hand_eva.does("locks.LockContext(ctx, \"a\")", func() string {
			return say(locks.LockContext(ctx48, "a"))
		})
		call48.waits(t)
		call49 := hand_dan.does("locks.Locked(\"a\")", func() string {
			return say(locks.Locked("a"))
		})
		call49.returns(t, "true")
		call50 := hand_dan.does("locks.Waiting(\"a\")", func() string {
			return say(locks.Waiting("a"))
		})
		call50.returns(t, "1")
		call51 := hand_dan.does("locks.Len()", func() string {
			return say(locks.Len())
		})
		call51.returns(t, "2")
		call52 := hand_dan.does("locks.String()", func() string {
			return say(locks.String())
		})
		call52.returned(t)
		call53 := hand_dan.does("locks.Unlock(\"a\")", func() string {
			locks.Unlock("a")
			return say()
		})
		call53.returns(t, "")
		call48.returns(t, "nil")
		call54 := hand_dan.does("locks.Lock(\"b\")", func() string {
			locks.Lock("b")
			return say()
		})
		call54.waits(t)

		// Everybody goes home.
		cancel()
		letGo([]*hand{hand_ann, hand_ben, hand_cem, hand_dan, hand_eva},
			func() { locks.Unlock("") },
			func() { locks.Unlock("a") },
			func() { locks.Unlock("b") },
			func() { mu.Unlock() },
			func() { rw.RUnlock() },
			func() { rw.Unlock() },
		)
	})
}

// A hand is a goroutine, or a function that one runs, which does what it is told to.
type hand struct {
	name string
	todo chan func() (leave, bool)
	home func() // gives back what only this goroutine can give back
}

// A leave is how a function is left: what it returns, or that it does not.
type leave struct {
	v             string
	ok            bool
	err           error
	panics, exits bool
}

func newHand(name string, home func()) *hand {
	return &hand{name, make(chan func() (leave, bool)), home}
}

// start starts a goroutine.
func start(name string, home func()) (*hand, *sync2.Goroutine) {
	h := newHand(name, home)
	g := sync2.Go(name, func() {
		defer h.home()
		h.run()
	})
	synctest.Wait()
	return h, g
}

// run does what the hand is told to, until it is told to leave.
func (h *hand) run() leave {
	for do := range h.todo {
		if l, over := do(); over {
			return l.now()
		}
	}
	h.home()
	return leave{ok: true, err: errors.New("the sandbox is over")}
}

// now leaves in that way.
func (l leave) now() leave {
	switch {
	case l.panics:
		panic(l.v)
	case l.exits:
		runtime.Goexit()
	}
	return l
}

// leaves tells the hand to leave its function.
func (h *hand) leaves(l leave) {
	h.todo <- func() (leave, bool) { return l, true }
	synctest.Wait()
}

// A call is what a hand was told to do.
type call struct {
	what, came string // came is written before done is
	done       atomic.Bool
}

// does lets the hand make a call, and waits until everybody stands still.
func (h *hand) does(what string, do func() string) *call {
	c := &call{what: h.name + ": " + what}
	h.todo <- func() (leave, bool) {
		exits := true
		defer func() {
			switch r := recover(); {
			case r != nil:
				c.came = fmt.Sprintf("panics: %v", r)
			case exits:
				c.came = "exits"
			}
			c.done.Store(true)
		}()
		c.came = do()
		exits = false
		return leave{}, false
	}
	synctest.Wait()
	return c
}

// waits checks that the call still waits.
func (c *call) waits(t *testing.T) {
	t.Helper()
	if c.done.Load() {
		t.Errorf("%s: does not wait, it returns %q", c.what, c.came)
	}
}

// returns checks what came of the call.
func (c *call) returns(t *testing.T, want string) {
	t.Helper()
	if !c.done.Load() {
		t.Errorf("%s: still waits; want %q", c.what, want)
	} else if c.came != want {
		t.Errorf("%s: returns %q; want %q", c.what, c.came, want)
	}
}

// returned checks that the call has returned.
func (c *call) returned(t *testing.T) {
	t.Helper()
	if !c.done.Load() {
		t.Errorf("%s: still waits", c.what)
	}
}

// say writes what a call has returned.
func say(vals ...any) string {
	texts := make([]string, len(vals))
	for i, v := range vals {
		texts[i] = fmt.Sprint(v)
		switch v := v.(type) {
		case nil:
			texts[i] = "nil"
		case error:
			texts[i], _, _ = strings.Cut(v.Error(), "\n") // a panic's has a stack
		case string:
			texts[i] = strconv.Quote(v)
		case <-chan struct{}:
			texts[i] = "open"
			select {
			case <-v:
				texts[i] = "closed"
			default:
			}
		case context.Context:
			texts[i] = "runs"
			if v.Err() != nil {
				texts[i] = "ended: " + context.Cause(v).Error()
			}
		case []*sync2.Future[string]:
			states := make([]string, len(v))
			for j, f := range v {
				states[j] = f.State().String()
			}
			texts[i] = "[" + strings.Join(states, " ") + "]"
		}
	}
	return strings.Join(texts, ", ")
}

// ended returns a context that has ended.
func ended() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// within returns a context that ends after d.
func within(ctx context.Context, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(ctx, d)
	context.AfterFunc(ctx, cancel)
	return ctx
}

// letGo ends the hands: each as soon as it has returned from what it is in, and they help those who wait.
func letGo(hands []*hand, help ...func()) {
	for _, h := range hands {
		close(h.todo)
	}
	for range 100 {
		synctest.Wait()
		for _, h := range help {
			func() {
				defer func() { _ = recover() }() // some of it is misuse by now
				h()
			}()
			synctest.Wait()
		}
	}
}
