package tasks

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

// TestTasks does what was done by hand in a sandbox, and expects that the same comes of it.
func TestTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		_ = ctx
		home := func() {}
		exec := sync2.NewExecutor(1, sync2.WithQueue(1), sync2.WithName("exec"))
		hand_ann, ann := start("ann", home)
		_ = ann
		hand_ben, ben := start("ben", home)
		_ = ben
		hand_cem, cem := start("cem", home)
		_ = cem
		body1 := newHand("body1", home)
		var f *sync2.Future[string]
		_ = f
		call1 := hand_ann.does("f := sync2.Submit(exec, func { … })", func() string {
			f = sync2.Submit(exec, func(_ context.Context) (string, error) { l := body1.run(); return l.v, l.err })
			return say()
		})
		call1.returns(t, "")
		call2 := body1.does("ann.Alive()", func() string {
			return say(ann.Alive())
		})
		call2.returns(t, "true")
		var g *sync2.Future[string]
		_ = g
		call3 := hand_ann.does("g := sync2.Submit(exec, func(context.Context) (string, error) { return \"two\", nil })", func() string {
			g = sync2.Submit(exec, func(_ context.Context) (string, error) { l := (leave{v: "two"}).now(); return l.v, l.err })
			return say()
		})
		call3.returns(t, "")
		call4 := hand_ann.does("exec.Queued()", func() string {
			return say(exec.Queued())
		})
		call4.returns(t, "1")
		call5 := hand_ann.does("exec.Running()", func() string {
			return say(exec.Running())
		})
		call5.returns(t, "1")
		call6 := hand_ann.does("exec.Workers()", func() string {
			return say(exec.Workers())
		})
		call6.returns(t, "1")
		call7 := hand_ann.does("exec.String()", func() string {
			return say(exec.String())
		})
		call7.returned(t)
		body3 := newHand("body3", home)
		var f1 *sync2.Future[string]
		_ = f1
		call8 := hand_ben.does("f1 := sync2.TrySubmit(exec, func { … })", func() string {
			var ok bool
			f1, ok = sync2.TrySubmit(exec, func(_ context.Context) (string, error) { l := body3.run(); return l.v, l.err })
			if !ok {
				return say(nil, false)
			}
			return say(ok)
		})
		call8.returns(t, "nil, false")
		body4 := newHand("body4", home)
		ctx9, cancel9 := context.WithCancelCause(ctx)
		defer cancel9(nil)
		var f2 *sync2.Future[string]
		_ = f2
		call9 := hand_ben.does("f2 := sync2.SubmitContext(ctx, exec, func { … })", func() string {
			f2 = sync2.SubmitContext(ctx9, exec, func(_ context.Context) (string, error) { l := body4.run(); return l.v, l.err })
			return say()
		})
		call9.waits(t)
		cancel9(errors.New("canceled by hand"))
		synctest.Wait()
		call9.returns(t, "")
		call10 := hand_ben.does("f.Result()", func() string {
			return say(f.Result())
		})
		call10.waits(t)
		call11 := hand_cem.does("f.ResultTimeout(200*time.Millisecond)", func() string {
			return say(f.ResultTimeout(200 * time.Millisecond))
		})
		call11.waits(t)
		time.Sleep(200 * time.Millisecond)
		synctest.Wait()
		call11.returns(t, "\"\", context deadline exceeded")
		ctx12, cancel12 := context.WithCancelCause(ctx)
		defer cancel12(nil)
		call12 := hand_cem.does("f.ResultContext(ctx)", func() string {
			return say(f.ResultContext(ctx12))
		})
		call12.waits(t)
		call13 := hand_ann.does("f.State()", func() string {
			return say(f.State())
		})
		call13.returns(t, "running")
		call14 := hand_ann.does("f.Err()", func() string {
			return say(f.Err())
		})
		call14.returns(t, "nil")
		call15 := hand_ann.does("f.Done()", func() string {
			return say(f.Done())
		})
		call15.returns(t, "open")
		call16 := hand_ann.does("f.Waiting()", func() string {
			return say(f.Waiting())
		})
		call16.returns(t, "2")
		call17 := hand_ann.does("f.String()", func() string {
			return say(f.String())
		})
		call17.returned(t)
		body5 := newHand("body5", home)
		call18 := hand_ann.does("f.OnDone(func { … })", func() string {
			f.OnDone(func(_ *sync2.Future[string]) { body5.run() })
			return say()
		})
		call18.returns(t, "")
		body1.leaves(leave{v: "one"})
		call10.returns(t, "\"one\", nil")
		call12.returns(t, "\"one\", nil")
		body5.leaves(leave{})
		call19 := hand_ann.does("f.Cancel()", func() string {
			return say(f.Cancel())
		})
		call19.returns(t, "false")
		ctx20, cancel20 := context.WithCancelCause(ctx)
		defer cancel20(nil)
		call20 := hand_ann.does("sync2.WaitAll(ctx, f, g)", func() string {
			return say(sync2.WaitAll(ctx20, f, g))
		})
		call20.returns(t, "[succeeded succeeded], [], nil")
		ctx21, cancel21 := context.WithCancelCause(ctx)
		defer cancel21(nil)
		call21 := hand_ann.does("sync2.WaitAny(ctx, f, g)", func() string {
			return say(sync2.WaitAny(ctx21, f, g))
		})
		call21.returns(t, "[succeeded succeeded], [], nil")
		ctx22, cancel22 := context.WithCancelCause(ctx)
		defer cancel22(nil)
		call22 := hand_ann.does("sync2.WaitFirstError(ctx, f, g)", func() string {
			return say(sync2.WaitFirstError(ctx22, f, g))
		})
		call22.returns(t, "[succeeded succeeded], [], nil")
		ctx23, cancel23 := context.WithCancelCause(ctx)
		defer cancel23(nil)
		call23 := hand_ann.does("sync2.WaitEach(ctx, f, g)", func() string {
			return say(sync2.WaitEach(ctx23, f, g))
		})
		call23.returns(t, "nil")
		ctx24, cancel24 := context.WithCancelCause(ctx)
		defer cancel24(nil)
		turn24 := newHand("turn24", home)
		call24 := hand_ann.does("for range sync2.AsCompleted(ctx, f, g)", func() string {
			for range sync2.AsCompleted(ctx24, f, g) {
				if !turn24.run().ok || ctx.Err() != nil {
					break
				}
			}
			return say()
		})
		turn24.leaves(leave{ok: true})
		turn24.leaves(leave{ok: true})
		call24.returns(t, "")
		call25 := hand_ann.does("exec.Resize(2)", func() string {
			exec.Resize(2)
			return say()
		})
		call25.returns(t, "")
		body6 := newHand("body6", home)
		call26 := hand_ann.does("exec.Execute(func { … })", func() string {
			return say(exec.Execute(func(_ context.Context) { body6.run() }))
		})
		call26.returns(t, "nil")
		body6.leaves(leave{})
		body7 := newHand("body7", home)
		var h *sync2.Future[string]
		_ = h
		call27 := hand_ann.does("h := sync2.Submit(exec, func { … })", func() string {
			h = sync2.Submit(exec, func(_ context.Context) (string, error) { l := body7.run(); return l.v, l.err })
			return say()
		})
		call27.returns(t, "")
		body7.leaves(leave{panics: true, v: "in the task"})
		call28 := hand_ann.does("h.Result()", func() string {
			return say(h.Result())
		})
		call28.returns(t, "\"\", sync2: panic: in the task")
		body8 := newHand("body8", home)
		ctx29, cancel29 := context.WithCancelCause(ctx)
		defer cancel29(nil)
		var k *sync2.Future[string]
		_ = k
		call29 := hand_ben.does("k := sync2.SubmitContext(ctx, exec, func { … })", func() string {
			k = sync2.SubmitContext(ctx29, exec, func(_ context.Context) (string, error) { l := body8.run(); return l.v, l.err })
			return say()
		})
		call29.returns(t, "")
		call30 := hand_ben.does("exec.ShutdownTimeout(200*time.Millisecond)", func() string {
			return say(exec.ShutdownTimeout(200 * time.Millisecond))
		})
		call30.waits(t)
		time.Sleep(200 * time.Millisecond)
		synctest.Wait()
		call30.returns(t, "false")
		ctx31, cancel31 := context.WithCancelCause(ctx)
		defer cancel31(nil)
		call31 := hand_ben.does("exec.ShutdownContext(ctx)", func() string {
			return say(exec.ShutdownContext(ctx31))
		})
		call31.waits(t)
		call32 := hand_cem.does("exec.Shutdown()", func() string {
			exec.Shutdown()
			return say()
		})
		call32.waits(t)
		call33 := hand_ann.does("exec.Cancel(errors.New(\"enough\"))", func() string {
			exec.Cancel(errors.New("enough"))
			return say()
		})
		call33.returns(t, "")
		body8.leaves(leave{v: "", err: errors.New("it ends")})
		call31.returns(t, "nil")
		call32.returns(t, "")
		call34 := hand_ann.does("k.Err()", func() string {
			return say(k.Err())
		})
		call34.returns(t, "it ends")
		broken := sync2.NewExecutor(1, sync2.WithInitializer(func() error { l := (leave{err: errors.New("no tools")}).now(); return l.err }), sync2.WithName("broken"))
		var f3 *sync2.Future[string]
		_ = f3
		call35 := hand_ann.does("f3 := sync2.Submit(broken, func(context.Context) (string, error) { return \"x\", nil })", func() string {
			f3 = sync2.Submit(broken, func(_ context.Context) (string, error) { l := (leave{v: "x"}).now(); return l.v, l.err })
			return say()
		})
		call35.returns(t, "")
		promise := sync2.NewPromise[string]()
		var p *sync2.Future[string]
		_ = p
		call36 := hand_ann.does("p := promise.Future()", func() string {
			p = promise.Future()
			return say()
		})
		call36.returns(t, "")
		call37 := hand_ben.does("p.Result()", func() string {
			return say(p.Result())
		})
		call37.waits(t)
		call38 := hand_ann.does("promise.Succeed(\"kept\")", func() string {
			return say(promise.Succeed("kept"))
		})
		call38.returns(t, "true")
		call37.returns(t, "\"kept\", nil")
		call39 := hand_ann.does("promise.Fail(errors.New(\"late\"))", func() string {
			return say(promise.Fail(errors.New("late")))
		})
		call39.returns(t, "false")
		call40 := hand_ann.does("promise.String()", func() string {
			return say(promise.String())
		})
		call40.returned(t)
		flight := new(sync2.Flight[string, string])
		body11 := newHand("body11", home)
		ctx41, cancel41 := context.WithCancelCause(ctx)
		defer cancel41(nil)
		call41 := hand_ann.does("flight.Do(ctx, \"page\", func { … })", func() string {
			return say(flight.Do(ctx41, "page", func(_ context.Context) (string, error) { l := body11.run(); return l.v, l.err }))
		})
		call41.waits(t)
		body12 := newHand("body12", home)
		ctx42, cancel42 := context.WithCancelCause(ctx)
		defer cancel42(nil)
		call42 := hand_ben.does("flight.Do(ctx, \"page\", func { … })", func() string {
			return say(flight.Do(ctx42, "page", func(_ context.Context) (string, error) { l := body12.run(); return l.v, l.err }))
		})
		call42.waits(t)
		call43 := hand_cem.does("flight.Len()", func() string {
			return say(flight.Len())
		})
		call43.returns(t, "1")
		call44 := hand_cem.does("flight.String()", func() string {
			return say(flight.String())
		})
		call44.returned(t)
		call45 := hand_cem.does("flight.Forget(\"page\")", func() string {
			flight.Forget("page")
			return say()
		})
		call45.returns(t, "")
		body11.leaves(leave{v: "its text"})
		call41.returns(t, "\"its text\", true, nil")
		call42.returns(t, "\"its text\", true, nil")
		group := sync2.NewGroup(ctx, sync2.WithLimit(1))
		body13 := newHand("body13", home)
		call46 := hand_ann.does("group.Go(\"first\", func { … })", func() string {
			group.Go("first", func(_ context.Context) error { l := body13.run(); return l.err })
			return say()
		})
		call46.returns(t, "")
		body14 := newHand("body14", home)
		call47 := hand_ann.does("group.TryGo(\"second\", func { … })", func() string {
			return say(group.TryGo("second", func(_ context.Context) error { l := body14.run(); return l.err }))
		})
		call47.returns(t, "false")
		body15 := newHand("body15", home)
		ctx48, cancel48 := context.WithCancelCause(ctx)
		defer cancel48(nil)
		call48 := hand_ben.does("group.GoContext(ctx, \"third\", func { … })", func() string {
			return say(group.GoContext(ctx48, "third", func(_ context.Context) error { l := body15.run(); return l.err }))
		})
		call48.waits(t)
		call49 := hand_cem.does("group.WaitTimeout(200*time.Millisecond)", func() string {
			return say(group.WaitTimeout(200 * time.Millisecond))
		})
		call49.waits(t)
		time.Sleep(200 * time.Millisecond)
		synctest.Wait()
		call49.returns(t, "context deadline exceeded")
		ctx50, cancel50 := context.WithCancelCause(ctx)
		defer cancel50(nil)
		call50 := hand_cem.does("group.WaitContext(ctx)", func() string {
			return say(group.WaitContext(ctx50))
		})
		call50.waits(t)
		body13.leaves(leave{err: errors.New("it has failed")})
		call48.returns(t, "nil")
		call51 := hand_ann.does("group.Context()", func() string {
			return say(group.Context())
		})
		call51.returns(t, "ended: it has failed")
		body15.leaves(leave{})
		call50.returns(t, "it has failed")
		call52 := hand_ann.does("group.Wait()", func() string {
			return say(group.Wait())
		})
		call52.returns(t, "it has failed")
		call53 := hand_ann.does("group.String()", func() string {
			return say(group.String())
		})
		call53.returned(t)
		body16 := newHand("body16", home)
		call54 := hand_ann.does("group.Go(\"late\", func { … })", func() string {
			group.Go("late", func(_ context.Context) error { l := body16.run(); return l.err })
			return say()
		})
		call54.returns(t, "panics: sync2: Group.Go: Wait has returned")
		all := sync2.NewGroup(ctx, sync2.WithAllErrors())
		call55 := hand_ann.does("all.Go(\"one\", func(context.Context) error { return nil })", func() string {
			all.Go("one", func(_ context.Context) error { l := (leave{}).now(); return l.err })
			return say()
		})
		call55.returns(t, "")
		call56 := hand_ann.does("all.Cancel(errors.New(\"stop\"))", func() string {
			all.Cancel(errors.New("stop"))
			return say()
		})
		call56.returns(t, "")
		call57 := hand_ann.does("all.Wait()", func() string {
			return say(all.Wait())
		})
		call57.returns(t, "stop")
		call58 := hand_ann.does("ben.Join()", func() string {
			ben.Join()
			return say()
		})
		call58.waits(t)
		hand_ben.leaves(leave{})
		call58.returns(t, "")
		call59 := hand_cem.does("ann.Name()", func() string {
			return say(ann.Name())
		})
		call59.returns(t, "\"ann\"")
		call60 := hand_cem.does("ann.ID()", func() string {
			return say(ann.ID())
		})
		call60.returned(t)
		call61 := hand_cem.does("ann.String()", func() string {
			return say(ann.String())
		})
		call61.returned(t)
		call62 := hand_cem.does("ann.Done()", func() string {
			return say(ann.Done())
		})
		call62.returns(t, "open")
		call63 := hand_cem.does("ann.JoinTimeout(200*time.Millisecond)", func() string {
			return say(ann.JoinTimeout(200 * time.Millisecond))
		})
		call63.waits(t)
		time.Sleep(200 * time.Millisecond)
		synctest.Wait()
		call63.returns(t, "false")
		ctx64, cancel64 := context.WithCancelCause(ctx)
		defer cancel64(nil)
		call64 := hand_cem.does("ann.JoinContext(ctx)", func() string {
			return say(ann.JoinContext(ctx64))
		})
		call64.waits(t)
		cancel64(errors.New("canceled by hand"))
		synctest.Wait()
		call64.returns(t, "canceled by hand")
		call65 := hand_cem.does("cem.Join()", func() string {
			cem.Join()
			return say()
		})
		call65.returns(t, "panics: sync2: Goroutine.Join: cem cannot wait for its own end")
		_ = f2
		_ = f3

		// Everybody goes home.
		cancel()
		letGo([]*hand{hand_ann, hand_ben, hand_cem, body1, body3, body4, body5, turn24, body6, body7, body8, body11, body12, body13, body14, body15, body16},
			func() { all.Cancel(nil) },
			func() { broken.Cancel(nil) },
			func() { exec.Cancel(nil) },
			func() { f.Cancel() },
			func() { f2.Cancel() },
			func() { f3.Cancel() },
			func() { g.Cancel() },
			func() { group.Cancel(nil) },
			func() { h.Cancel() },
			func() { k.Cancel() },
			func() { p.Cancel() },
			func() { promise.Succeed("") },
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
