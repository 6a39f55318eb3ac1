package conditions

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

// TestConditions does what was done by hand in a sandbox, and expects that the same comes of it.
func TestConditions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		_ = ctx
		home := func() {}
		mu := new(sync2.Mutex)
		cond := sync2.NewCond(mu)
		ready := new(atomic.Bool)
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
		call2 := hand_ann.does("cond.Wait()", func() string {
			cond.Wait()
			return say()
		})
		call2.waits(t)
		call3 := hand_ben.does("mu.Lock()", func() string {
			mu.Lock()
			return say()
		})
		call3.returns(t, "")
		call4 := hand_ben.does("cond.Notify(1)", func() string {
			cond.Notify(1)
			return say()
		})
		call4.returns(t, "")
		call5 := hand_ben.does("mu.Unlock()", func() string {
			mu.Unlock()
			return say()
		})
		call5.returns(t, "")
		call2.returns(t, "")
		call6 := hand_ann.does("cond.WaitFor(ready.Load)", func() string {
			cond.WaitFor(ready.Load)
			return say()
		})
		call6.waits(t)
		call7 := hand_ben.does("mu.Lock()", func() string {
			mu.Lock()
			return say()
		})
		call7.returns(t, "")
		call8 := hand_ben.does("cond.WaitForTimeout(200*time.Millisecond, ready.Load)", func() string {
			return say(cond.WaitForTimeout(200*time.Millisecond, ready.Load))
		})
		call8.waits(t)
		time.Sleep(200 * time.Millisecond)
		synctest.Wait()
		call8.returns(t, "false")
		call9 := hand_ben.does("ready.Store(true)", func() string {
			ready.Store(true)
			return say()
		})
		call9.returns(t, "")
		call10 := hand_ben.does("ready.Load()", func() string {
			return say(ready.Load())
		})
		call10.returns(t, "true")
		call11 := hand_ben.does("ready.Swap(false)", func() string {
			return say(ready.Swap(false))
		})
		call11.returns(t, "true")
		call12 := hand_ben.does("ready.CompareAndSwap(false, true)", func() string {
			return say(ready.CompareAndSwap(false, true))
		})
		call12.returns(t, "true")
		call13 := hand_ben.does("cond.Signal()", func() string {
			cond.Signal()
			return say()
		})
		call13.returns(t, "")
		call14 := hand_ben.does("cond.Waiting()", func() string {
			return say(cond.Waiting())
		})
		call14.returns(t, "0")
		call15 := hand_ben.does("cond.String()", func() string {
			return say(cond.String())
		})
		call15.returned(t)
		call16 := hand_ben.does("mu.Unlock()", func() string {
			mu.Unlock()
			return say()
		})
		call16.returns(t, "")
		call6.returns(t, "")
		body1 := newHand("body1", home)
		ctx17, cancel17 := context.WithCancelCause(ctx)
		defer cancel17(nil)
		call17 := hand_ann.does("cond.WaitForContext(ctx, func { … })", func() string {
			return say(cond.WaitForContext(ctx17, func() bool { l := body1.run(); return l.ok }))
		})
		body1.leaves(leave{ok: false})
		call17.waits(t)
		cancel17(errors.New("canceled by hand"))
		synctest.Wait()
		body1.leaves(leave{ok: true})
		call17.returns(t, "nil")
		call18 := hand_ann.does("cond.WaitTimeout(200*time.Millisecond)", func() string {
			return say(cond.WaitTimeout(200 * time.Millisecond))
		})
		call18.waits(t)
		time.Sleep(200 * time.Millisecond)
		synctest.Wait()
		call18.returns(t, "false")
		ctx19, cancel19 := context.WithCancelCause(ctx)
		defer cancel19(nil)
		call19 := hand_ann.does("cond.WaitContext(ctx)", func() string {
			return say(cond.WaitContext(ctx19))
		})
		call19.waits(t)
		call20 := hand_cem.does("cond.Broadcast()", func() string {
			cond.Broadcast()
			return say()
		})
		call20.returns(t, "")
		call19.returns(t, "nil")
		call21 := hand_ann.does("mu.Unlock()", func() string {
			mu.Unlock()
			return say()
		})
		call21.returns(t, "")
		wg := new(sync2.WaitGroup)
		call22 := hand_cem.does("wg.Add(2)", func() string {
			wg.Add(2)
			return say()
		})
		call22.returns(t, "")
		hand_dan, dan := start("dan", home)
		_ = dan
		call23 := hand_dan.does("wg.WaitTimeout(200*time.Millisecond)", func() string {
			return say(wg.WaitTimeout(200 * time.Millisecond))
		})
		call23.waits(t)
		time.Sleep(200 * time.Millisecond)
		synctest.Wait()
		call23.returns(t, "false")
		call24 := hand_dan.does("wg.Wait()", func() string {
			wg.Wait()
			return say()
		})
		call24.waits(t)
		call25 := hand_cem.does("wg.Count()", func() string {
			return say(wg.Count())
		})
		call25.returns(t, "2")
		call26 := hand_cem.does("wg.Waiting()", func() string {
			return say(wg.Waiting())
		})
		call26.returns(t, "1")
		call27 := hand_cem.does("wg.String()", func() string {
			return say(wg.String())
		})
		call27.returned(t)
		call28 := hand_cem.does("wg.Done()", func() string {
			wg.Done()
			return say()
		})
		call28.returns(t, "")
		body2 := newHand("body2", home)
		call29 := hand_cem.does("wg.Go(func { … })", func() string {
			wg.Go(func() { body2.run() })
			return say()
		})
		call29.returns(t, "")
		call30 := body2.does("mu.TryLock()", func() string {
			return say(mu.TryLock())
		})
		call30.returns(t, "true")
		body2.leaves(leave{})
		call31 := hand_cem.does("wg.Done()", func() string {
			wg.Done()
			return say()
		})
		call31.returns(t, "")
		call24.returns(t, "")
		call32 := hand_cem.does("wg.Done()", func() string {
			wg.Done()
			return say()
		})
		call32.returns(t, "panics: sync2: WaitGroup.Done: the counter would be less than 0")
		ctx33, cancel33 := context.WithCancelCause(ctx)
		defer cancel33(nil)
		call33 := hand_cem.does("wg.WaitContext(ctx)", func() string {
			return say(wg.WaitContext(ctx33))
		})
		call33.returns(t, "nil")
		once := new(sync2.Once)
		body3 := newHand("body3", home)
		ctx34, cancel34 := context.WithCancelCause(ctx)
		defer cancel34(nil)
		call34 := hand_cem.does("once.DoContext(ctx, func { … })", func() string {
			return say(once.DoContext(ctx34, func(_ context.Context) error { l := body3.run(); return l.err }))
		})
		body4 := newHand("body4", home)
		call35 := hand_dan.does("once.Do(func { … })", func() string {
			once.Do(func() { body4.run() })
			return say()
		})
		call35.waits(t)
		call36 := body3.does("once.Done()", func() string {
			return say(once.Done())
		})
		call36.returns(t, "false")
		body3.leaves(leave{err: errors.New("not yet")})
		call34.returns(t, "not yet")
		call37 := body4.does("once.String()", func() string {
			return say(once.String())
		})
		call37.returned(t)
		body4.leaves(leave{panics: true, v: "at all"})
		call35.returns(t, "panics: at all")
		body5 := newHand("body5", home)
		call38 := hand_cem.does("once.DoContext(ended, func { … })", func() string {
			return say(once.DoContext(ended(), func(_ context.Context) error { l := body5.run(); return l.err }))
		})
		call38.returns(t, "context canceled")
		call39 := hand_cem.does("once.Do(func() { return })", func() string {
			once.Do(func() { (leave{}).now() })
			return say()
		})
		call39.returns(t, "")
		name := new(sync2.Local[string])
		call40 := hand_dan.does("name.Get()", func() string {
			return say(name.Get())
		})
		call40.returns(t, "\"\", false")
		call41 := hand_dan.does("name.Set(\"dan\")", func() string {
			name.Set("dan")
			return say()
		})
		call41.returns(t, "")
		call42 := hand_dan.does("name.Get()", func() string {
			return say(name.Get())
		})
		call42.returns(t, "\"dan\", true")
		call43 := hand_cem.does("name.Get()", func() string {
			return say(name.Get())
		})
		call43.returns(t, "\"\", false")
		call44 := hand_dan.does("name.Delete()", func() string {
			name.Delete()
			return say()
		})
		call44.returns(t, "")
		call45 := hand_dan.does("name.Get()", func() string {
			return say(name.Get())
		})
		call45.returns(t, "\"\", false")
		call46 := hand_dan.does("name.String()", func() string {
			return say(name.String())
		})
		call46.returned(t)
		made := &sync2.Local[string]{New: func() string { l := (leave{v: "anew"}).now(); return l.v }}
		call47 := hand_dan.does("made.Get()", func() string {
			return say(made.Get())
		})
		call47.returns(t, "\"anew\", true")
		call48 := hand_dan.does("sync2.ReleaseLocals()", func() string {
			sync2.ReleaseLocals()
			return say()
		})
		call48.returns(t, "")
		call49 := hand_dan.does("sync2.Yield()", func() string {
			sync2.Yield()
			return say()
		})
		call49.returns(t, "")
		body8 := newHand("body8", home)
		own := &sync2.Local[string]{New: func() string { l := body8.run(); return l.v }}
		call50 := hand_dan.does("own.Get()", func() string {
			return say(own.Get())
		})
		body8.leaves(leave{v: "by hand"})
		call50.returns(t, "\"by hand\", true")

		// Everybody goes home.
		cancel()
		letGo([]*hand{hand_ann, hand_ben, hand_cem, body1, hand_dan, body2, body3, body4, body5, body8},
			func() { cond.Broadcast() },
			func() { mu.Unlock() },
			func() { wg.Done() },
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
