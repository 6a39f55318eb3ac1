package permits

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

// TestPermits does what was done by hand in a sandbox, and expects that the same comes of it.
func TestPermits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		_ = ctx
		home := func() {}
		pool := sync2.NewSemaphore(1)
		hand_ann, ann := start("ann", home)
		_ = ann
		hand_ben, ben := start("ben", home)
		_ = ben
		hand_cem, cem := start("cem", home)
		_ = cem
		call1 := hand_ann.does("pool.Acquire()", func() string {
			pool.Acquire()
			return say()
		})
		call1.returns(t, "")
		call2 := hand_ben.does("pool.Acquire()", func() string {
			pool.Acquire()
			return say()
		})
		call2.waits(t)
		call3 := hand_cem.does("pool.TryAcquire()", func() string {
			return say(pool.TryAcquire())
		})
		call3.returns(t, "false")
		call4 := hand_cem.does("pool.AcquireTimeout(200*time.Millisecond)", func() string {
			return say(pool.AcquireTimeout(200 * time.Millisecond))
		})
		call4.waits(t)
		time.Sleep(200 * time.Millisecond)
		synctest.Wait()
		call4.returns(t, "false")
		ctx5, cancel5 := context.WithCancelCause(ctx)
		defer cancel5(nil)
		call5 := hand_cem.does("pool.AcquireContext(ctx)", func() string {
			return say(pool.AcquireContext(ctx5))
		})
		call5.waits(t)
		cancel5(errors.New("no more"))
		synctest.Wait()
		call5.returns(t, "no more")
		call6 := hand_ann.does("pool.Release()", func() string {
			pool.Release()
			return say()
		})
		call6.returns(t, "")
		call2.returns(t, "")
		ctx7, cancel7 := context.WithCancelCause(ctx)
		defer cancel7(nil)
		call7 := hand_cem.does("pool.AcquireN(ctx, 0)", func() string {
			return say(pool.AcquireN(ctx7, 0))
		})
		call7.returns(t, "nil")
		call8 := hand_cem.does("pool.TryAcquireN(2)", func() string {
			return say(pool.TryAcquireN(2))
		})
		call8.returns(t, "false")
		call9 := hand_ben.does("pool.ReleaseN(3)", func() string {
			pool.ReleaseN(3)
			return say()
		})
		call9.returns(t, "")
		call10 := hand_ben.does("pool.Drain()", func() string {
			return say(pool.Drain())
		})
		call10.returns(t, "3")
		call11 := hand_ben.does("pool.Available()", func() string {
			return say(pool.Available())
		})
		call11.returns(t, "0")
		call12 := hand_ben.does("pool.Waiting()", func() string {
			return say(pool.Waiting())
		})
		call12.returns(t, "0")
		call13 := hand_ben.does("pool.String()", func() string {
			return say(pool.String())
		})
		call13.returned(t)
		call14 := hand_ben.does("pool.ReleaseN(-1)", func() string {
			pool.ReleaseN(-1)
			return say()
		})
		call14.returns(t, "panics: sync2: Semaphore.ReleaseN: -1 permits; must not be negative")
		call15 := hand_ben.does("pool.Resize(5)", func() string {
			pool.Resize(5)
			return say()
		})
		call15.returns(t, "panics: sync2: Semaphore.Resize: the semaphore is unbounded")
		few := sync2.NewBoundedSemaphore(1)
		call16 := hand_ann.does("few.Release()", func() string {
			few.Release()
			return say()
		})
		call16.returns(t, "panics: sync2: Semaphore.Release: 1 more than the bound of 1")
		call17 := hand_ann.does("few.Acquire()", func() string {
			few.Acquire()
			return say()
		})
		call17.returns(t, "")
		ctx18, cancel18 := context.WithCancelCause(ctx)
		defer cancel18(nil)
		call18 := hand_ben.does("few.AcquireN(ctx, 2)", func() string {
			return say(few.AcquireN(ctx18, 2))
		})
		call18.returns(t, "sync2: more permits than the semaphore can hold")
		call19 := hand_ann.does("few.Resize(2)", func() string {
			few.Resize(2)
			return say()
		})
		call19.returns(t, "")
		call20 := hand_ann.does("few.AcquireContext(ended)", func() string {
			return say(few.AcquireContext(ended()))
		})
		call20.returns(t, "context canceled")
		call21 := hand_ann.does("few.AcquireContext(nil)", func() string {
			return say(few.AcquireContext(nil))
		})
		call21.returns(t, "panics: sync2: Semaphore.AcquireContext: the context is nil")
		ctx22, cancel22 := context.WithCancelCause(ctx)
		defer cancel22(nil)
		call22 := hand_ben.does("few.AcquireContext(within(ctx, 200*time.Millisecond))", func() string {
			return say(few.AcquireContext(within(ctx22, 200*time.Millisecond)))
		})
		call22.returns(t, "nil")
		ctx23, cancel23 := context.WithCancelCause(ctx)
		defer cancel23(nil)
		call23 := hand_ben.does("few.AcquireContext(within(ctx, 200*time.Millisecond))", func() string {
			return say(few.AcquireContext(within(ctx23, 200*time.Millisecond)))
		})
		call23.waits(t)
		time.Sleep(200 * time.Millisecond)
		synctest.Wait()
		call23.returns(t, "context deadline exceeded")
		door := new(sync2.Event)
		call24 := hand_ann.does("door.Wait()", func() string {
			door.Wait()
			return say()
		})
		call24.waits(t)
		call25 := hand_ben.does("door.WaitTimeout(60*time.Minute)", func() string {
			return say(door.WaitTimeout(60 * time.Minute))
		})
		call25.waits(t)
		ctx26, cancel26 := context.WithCancelCause(ctx)
		defer cancel26(nil)
		call26 := hand_cem.does("door.WaitContext(ctx)", func() string {
			return say(door.WaitContext(ctx26))
		})
		call26.waits(t)
		hand_dan, dan := start("dan", home)
		_ = dan
		call27 := hand_dan.does("door.IsSet()", func() string {
			return say(door.IsSet())
		})
		call27.returns(t, "false")
		call28 := hand_dan.does("door.Waiting()", func() string {
			return say(door.Waiting())
		})
		call28.returns(t, "3")
		call29 := hand_dan.does("door.Done()", func() string {
			return say(door.Done())
		})
		call29.returns(t, "open")
		call30 := hand_dan.does("door.Set()", func() string {
			door.Set()
			return say()
		})
		call30.returns(t, "")
		call24.returns(t, "")
		call25.returns(t, "true")
		call26.returns(t, "nil")
		call31 := hand_dan.does("door.Done()", func() string {
			return say(door.Done())
		})
		call31.returns(t, "closed")
		call32 := hand_dan.does("door.String()", func() string {
			return say(door.String())
		})
		call32.returned(t)
		call33 := hand_dan.does("door.Clear()", func() string {
			door.Clear()
			return say()
		})
		call33.returns(t, "")
		body1 := newHand("body1", home)
		gate := sync2.NewBarrier(3, sync2.WithTimeout(60*time.Minute), sync2.WithAction(func() error { l := body1.run(); return l.err }))
		call34 := hand_ann.does("gate.Wait()", func() string {
			return say(gate.Wait())
		})
		call34.waits(t)
		ctx35, cancel35 := context.WithCancelCause(ctx)
		defer cancel35(nil)
		call35 := hand_ben.does("gate.WaitContext(ctx)", func() string {
			return say(gate.WaitContext(ctx35))
		})
		call35.waits(t)
		call36 := hand_cem.does("gate.WaitTimeout(60*time.Minute)", func() string {
			return say(gate.WaitTimeout(60 * time.Minute))
		})
		call37 := body1.does("gate.Waiting()", func() string {
			return say(gate.Waiting())
		})
		call37.returns(t, "3")
		body1.leaves(leave{err: errors.New("the action fails")})
		call34.returns(t, "-1, sync2: broken: the action fails")
		call35.returns(t, "-1, sync2: broken: the action fails")
		call36.returns(t, "-1, sync2: broken: the action fails")
		call38 := hand_ann.does("gate.Broken()", func() string {
			return say(gate.Broken())
		})
		call38.returns(t, "true")
		call39 := hand_ann.does("gate.Reset()", func() string {
			gate.Reset()
			return say()
		})
		call39.returns(t, "")
		call40 := hand_ann.does("gate.Wait()", func() string {
			return say(gate.Wait())
		})
		call40.waits(t)
		call41 := hand_ben.does("gate.Abort(errors.New(\"it rains\"))", func() string {
			gate.Abort(errors.New("it rains"))
			return say()
		})
		call41.returns(t, "")
		call40.returns(t, "-1, sync2: broken: it rains")
		call42 := hand_ben.does("gate.Parties()", func() string {
			return say(gate.Parties())
		})
		call42.returns(t, "3")
		call43 := hand_ben.does("gate.String()", func() string {
			return say(gate.String())
		})
		call43.returned(t)
		soon := sync2.NewBarrier(2, sync2.WithTimeout(200*time.Millisecond), sync2.WithAction(func() error { l := (leave{}).now(); return l.err }))
		call44 := hand_ann.does("soon.Wait()", func() string {
			return say(soon.Wait())
		})
		call44.waits(t)
		time.Sleep(200 * time.Millisecond)
		synctest.Wait()
		call44.returns(t, "-1, sync2: broken: context deadline exceeded")
		hand_dan.leaves(leave{})

		// Everybody goes home.
		cancel()
		letGo([]*hand{hand_ann, hand_ben, hand_cem, hand_dan, body1},
			func() { door.Set() },
			func() { few.Release() },
			func() { few.ReleaseN(1 << 20) },
			func() { few.Resize(1 << 20) },
			func() { gate.Abort(nil) },
			func() { pool.Release() },
			func() { pool.ReleaseN(1 << 20) },
			func() { pool.Resize(1 << 20) },
			func() { soon.Abort(nil) },
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
