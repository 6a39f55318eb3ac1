package queues

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

// TestQueues does what was done by hand in a sandbox, and expects that the same comes of it.
func TestQueues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		_ = ctx
		home := func() {}
		queue := sync2.NewQueue[string](1)
		hand_ann, ann := start("ann", home)
		_ = ann
		hand_ben, ben := start("ben", home)
		_ = ben
		hand_cem, cem := start("cem", home)
		_ = cem
		call1 := hand_ann.does("queue.Put(\"a\")", func() string {
			return say(queue.Put("a"))
		})
		call1.returns(t, "nil")
		call2 := hand_ann.does("queue.TryPut(\"b\")", func() string {
			return say(queue.TryPut("b"))
		})
		call2.returns(t, "false")
		call3 := hand_ann.does("queue.PutTimeout(200*time.Millisecond, \"b\")", func() string {
			return say(queue.PutTimeout(200*time.Millisecond, "b"))
		})
		call3.waits(t)
		time.Sleep(200 * time.Millisecond)
		synctest.Wait()
		call3.returns(t, "context deadline exceeded")
		ctx4, cancel4 := context.WithCancelCause(ctx)
		defer cancel4(nil)
		call4 := hand_ann.does("queue.PutContext(ctx, \"b\")", func() string {
			return say(queue.PutContext(ctx4, "b"))
		})
		call4.waits(t)
		call5 := hand_ben.does("queue.Get()", func() string {
			return say(queue.Get())
		})
		call5.returns(t, "\"a\", nil")
		call4.returns(t, "nil")
		call6 := hand_ben.does("queue.Requeue(\"a\")", func() string {
			return say(queue.Requeue("a"))
		})
		call6.returns(t, "nil")
		call7 := hand_ben.does("queue.GetTimeout(time.Second)", func() string {
			return say(queue.GetTimeout(time.Second))
		})
		call7.returns(t, "\"b\", nil")
		ctx8, cancel8 := context.WithCancelCause(ctx)
		defer cancel8(nil)
		call8 := hand_ben.does("queue.GetContext(ctx)", func() string {
			return say(queue.GetContext(ctx8))
		})
		call8.returns(t, "\"a\", nil")
		call9 := hand_ben.does("queue.TryGet()", func() string {
			return say(queue.TryGet())
		})
		call9.returns(t, "\"\", false")
		call10 := hand_cem.does("queue.JoinTimeout(200*time.Millisecond)", func() string {
			return say(queue.JoinTimeout(200 * time.Millisecond))
		})
		call10.waits(t)
		time.Sleep(200 * time.Millisecond)
		synctest.Wait()
		call10.returns(t, "false")
		ctx11, cancel11 := context.WithCancelCause(ctx)
		defer cancel11(nil)
		call11 := hand_cem.does("queue.JoinContext(ctx)", func() string {
			return say(queue.JoinContext(ctx11))
		})
		call11.waits(t)
		call12 := hand_ben.does("queue.Unfinished()", func() string {
			return say(queue.Unfinished())
		})
		call12.returns(t, "2")
		call13 := hand_ben.does("queue.Len()", func() string {
			return say(queue.Len())
		})
		call13.returns(t, "0")
		call14 := hand_ben.does("queue.Cap()", func() string {
			return say(queue.Cap())
		})
		call14.returns(t, "1")
		call15 := hand_ben.does("queue.Waiting()", func() string {
			return say(queue.Waiting())
		})
		call15.returns(t, "0, 0")
		call16 := hand_ben.does("queue.String()", func() string {
			return say(queue.String())
		})
		call16.returned(t)
		call17 := hand_ben.does("queue.TaskDone()", func() string {
			queue.TaskDone()
			return say()
		})
		call17.returns(t, "")
		call18 := hand_ben.does("queue.TaskDone()", func() string {
			queue.TaskDone()
			return say()
		})
		call18.returns(t, "")
		call11.returns(t, "nil")
		call19 := hand_ben.does("queue.TaskDone()", func() string {
			queue.TaskDone()
			return say()
		})
		call19.returns(t, "panics: sync2: Queue.TaskDone: called more often than items were put")
		turn20 := newHand("turn20", home)
		call20 := hand_ben.does("for range queue.All()", func() string {
			for range queue.All() {
				if !turn20.run().ok || ctx.Err() != nil {
					break
				}
			}
			return say()
		})
		call20.waits(t)
		call21 := hand_ann.does("queue.Put(\"x\")", func() string {
			return say(queue.Put("x"))
		})
		call21.returns(t, "nil")
		call22 := turn20.does("queue.Len()", func() string {
			return say(queue.Len())
		})
		call22.returns(t, "0")
		turn20.leaves(leave{ok: true})
		call23 := hand_ann.does("queue.Put(\"y\")", func() string {
			return say(queue.Put("y"))
		})
		call23.returns(t, "nil")
		turn20.leaves(leave{})
		call20.returns(t, "")
		call24 := hand_ann.does("queue.Put(\"z\")", func() string {
			return say(queue.Put("z"))
		})
		call24.returns(t, "nil")
		call25 := hand_cem.does("queue.Join()", func() string {
			queue.Join()
			return say()
		})
		call25.waits(t)
		call26 := hand_ann.does("queue.Close()", func() string {
			queue.Close()
			return say()
		})
		call26.returns(t, "")
		call27 := hand_ann.does("queue.Put(\"no\")", func() string {
			return say(queue.Put("no"))
		})
		call27.returns(t, "sync2: queue closed")
		call28 := hand_ann.does("queue.Discard()", func() string {
			return say(queue.Discard())
		})
		call28.returns(t, "1")
		call25.returns(t, "")
		stack := sync2.NewStack[string](0)
		call29 := hand_ann.does("stack.Put(\"1\")", func() string {
			return say(stack.Put("1"))
		})
		call29.returns(t, "nil")
		call30 := hand_ann.does("stack.Put(\"2\")", func() string {
			return say(stack.Put("2"))
		})
		call30.returns(t, "nil")
		call31 := hand_ann.does("stack.Get()", func() string {
			return say(stack.Get())
		})
		call31.returns(t, "\"2\", nil")
		ranks := sync2.NewPriorityQueue(0, strings.Compare)
		call32 := hand_ann.does("ranks.Put(\"b\")", func() string {
			return say(ranks.Put("b"))
		})
		call32.returns(t, "nil")
		call33 := hand_ann.does("ranks.Put(\"a\")", func() string {
			return say(ranks.Put("a"))
		})
		call33.returns(t, "nil")
		call34 := hand_ann.does("ranks.Get()", func() string {
			return say(ranks.Get())
		})
		call34.returns(t, "\"a\", nil")
		turn35 := newHand("turn35", home)
		call35 := hand_ann.does("for range ranks.All()", func() string {
			for range ranks.All() {
				if !turn35.run().ok || ctx.Err() != nil {
					break
				}
			}
			return say()
		})
		turn35.leaves(leave{exits: true})
		call35.returns(t, "exits")
		latest := sync2.NewWatch("v1")
		call36 := hand_ben.does("latest.Get()", func() string {
			return say(latest.Get())
		})
		call36.returns(t, "\"v1\", 1")
		call37 := hand_ben.does("latest.Wait(1)", func() string {
			return say(latest.Wait(1))
		})
		call37.waits(t)
		call38 := hand_cem.does("latest.WaitTimeout(1, 200*time.Millisecond)", func() string {
			return say(latest.WaitTimeout(1, 200*time.Millisecond))
		})
		call38.waits(t)
		time.Sleep(200 * time.Millisecond)
		synctest.Wait()
		call38.returns(t, "\"v1\", 1, false")
		call39 := hand_cem.does("latest.Set(\"v2\")", func() string {
			latest.Set("v2")
			return say()
		})
		call39.returns(t, "")
		call37.returns(t, "\"v2\", 2")
		ctx40, cancel40 := context.WithCancelCause(ctx)
		defer cancel40(nil)
		call40 := hand_ben.does("latest.WaitContext(ctx, 2)", func() string {
			return say(latest.WaitContext(ctx40, 2))
		})
		call40.waits(t)
		call41 := hand_cem.does("latest.Waiting()", func() string {
			return say(latest.Waiting())
		})
		call41.returns(t, "1")
		body1 := newHand("body1", home)
		call42 := hand_cem.does("latest.Update(func { … })", func() string {
			latest.Update(func(_ string) string { l := body1.run(); return l.v })
			return say()
		})
		body1.leaves(leave{v: "v3"})
		call40.returns(t, "\"v3\", 3, nil")
		call42.returns(t, "")
		call43 := hand_cem.does("latest.Update(func(string) string { return \"v4\" })", func() string {
			latest.Update(func(_ string) string { l := (leave{v: "v4"}).now(); return l.v })
			return say()
		})
		call43.returns(t, "")
		call44 := hand_cem.does("latest.String()", func() string {
			return say(latest.String())
		})
		call44.returned(t)

		// Everybody goes home.
		cancel()
		letGo([]*hand{hand_ann, hand_ben, hand_cem, turn20, turn35, body1},
			func() { latest.Set("") },
			func() { queue.Discard() },
			func() { queue.TaskDone() },
			func() { ranks.Discard() },
			func() { ranks.TaskDone() },
			func() { stack.Discard() },
			func() { stack.TaskDone() },
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
