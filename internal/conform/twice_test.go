package conform

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/internal/anytest"
	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/explore"
)

// A twin is one of the programs of testdata/programs/twice, written for the explorer's own API. It returns the
// outcome.
type twin struct {
	name   string
	traces bool // its operations correspond to the other's one for one, so the number of traces is the same
	run    func(e *explore.E) string
}

func text(v ...any) string { return strings.TrimSuffix(fmt.Sprintln(v...), "\n") }

func recv[T any](c *explore.Chan[T]) T {
	v, _ := c.Recv()
	return v
}

type token = struct{}

var twins = []twin{
	{"TwoSenders", true, func(e *explore.E) string {
		c := explore.NewChan[int](e, "c", 0)
		for i := range 2 {
			e.Go("sender", func() { c.Send(i) })
		}
		a, b := recv(c), recv(c)
		return text(a, b)
	}},
	{"ThreeSendersBuffered", true, func(e *explore.E) string {
		c := explore.NewChan[int](e, "c", 3)
		for i := range 3 {
			e.Go("sender", func() { c.Send(i) })
		}
		a, b, d := recv(c), recv(c), recv(c)
		return text(a, b, d)
	}},
	{"FullBuffer", true, func(e *explore.E) string {
		c := explore.NewChan[int](e, "c", 1)
		for i := range 2 {
			e.Go("sender", func() { c.Send(i) })
		}
		a := recv(c)
		b := recv(c)
		return text(a, b)
	}},
	{"TwoReceivers", true, func(e *explore.E) string {
		c, got := explore.NewChan[int](e, "c", 0), explore.NewChan[int](e, "got", 2)
		for i := range 2 {
			e.Go("receiver", func() { got.Send(10*i + recv(c)) })
		}
		c.Send(1)
		c.Send(2)
		a, b := recv(got), recv(got)
		return text(a, b)
	}},
	{"CloseMeetsReceive", true, func(e *explore.E) string {
		c, done := explore.NewChan[int](e, "c", 1), explore.NewChan[token](e, "done", 0)
		e.Go("sender", func() {
			c.Send(1)
			c.Close()
			done.Close()
		})
		v, ok := c.Recv()
		w, open := c.Recv()
		done.Recv()
		return text(v, ok, w, open)
	}},
	{"PingPong", true, func(e *explore.E) string {
		ping, pong := explore.NewChan[int](e, "ping", 0), explore.NewChan[int](e, "pong", 0)
		e.Go("player", func() {
			for range 2 {
				pong.Send(1 + recv(ping))
			}
		})
		ping.Send(0)
		a := recv(pong)
		ping.Send(a)
		return text(recv(pong))
	}},
	{"SelectTwo", true, func(e *explore.E) string {
		a, b := explore.NewChan[int](e, "a", 1), explore.NewChan[int](e, "b", 1)
		e.Go("a", func() { a.Send(1) })
		e.Go("b", func() { b.Send(2) })
		v := 0
		explore.Select(e, a.RecvCase(&v, nil), b.RecvCase(&v, nil))
		return text(v)
	}},
	{"SelectSendOrReceive", true, func(e *explore.E) string {
		a, b := explore.NewChan[int](e, "a", 1), explore.NewChan[int](e, "b", 1)
		e.Go("b", func() { b.Send(2) })
		v := 0
		if explore.Select(e, a.SendCase(1), b.RecvCase(&v, nil)) == 0 {
			v = 1
		}
		return text(v)
	}},
	{"SelectDefault", true, func(e *explore.E) string {
		c, done := explore.NewChan[int](e, "c", 1), explore.NewChan[token](e, "done", 0)
		e.Go("sender", func() { c.Send(1); done.Close() })
		v := 0
		explore.TrySelect(e, c.RecvCase(&v, nil))
		done.Recv()
		return text(v)
	}},
	{"SelectUnbuffered", true, func(e *explore.E) string {
		a, b := explore.NewChan[int](e, "a", 0), explore.NewChan[int](e, "b", 0)
		stop, wg := explore.NewChan[token](e, "stop", 0), new(sync2.WaitGroup)
		for i, c := range []*explore.Chan[int]{a, b} {
			wg.Add(1)
			e.Go("sender", func() {
				explore.Select(e, c.SendCase(i), stop.RecvCase(nil, nil))
				wg.Done()
			})
		}
		v := 0
		explore.Select(e, a.RecvCase(&v, nil), b.RecvCase(&v, nil))
		stop.Close()
		wg.Wait()
		return text(v)
	}},
	{"LocksOrder", false, func(e *explore.E) string {
		var mu sync2.Mutex
		wg := new(sync2.WaitGroup)
		order := ""
		wg.Add(2)
		for _, s := range []string{"a", "b"} {
			e.Go(s, func() {
				mu.Lock()
				order += s
				mu.Unlock()
				wg.Done()
			})
		}
		wg.Wait()
		return order
	}},
	{"LocksThree", false, func(e *explore.E) string {
		var mu sync2.Mutex
		order := ""
		done := explore.NewChan[token](e, "done", 3)
		for _, s := range []string{"a", "b", "c"} {
			e.Go(s, func() {
				mu.Lock()
				order += s
				mu.Unlock()
				done.Send(token{})
			})
		}
		done.Recv()
		done.Recv()
		done.Recv()
		return order
	}},
	{"TwoLocks", false, func(e *explore.E) string {
		var a, b sync2.Mutex
		x, y := 0, 0
		done := explore.NewChan[token](e, "done", 2)
		e.Go("first", func() {
			a.Lock()
			x = 1
			a.Unlock()
			b.Lock()
			y = 2
			b.Unlock()
			done.Send(token{})
		})
		e.Go("second", func() {
			b.Lock()
			y = 1
			b.Unlock()
			a.Lock()
			x = 2
			a.Unlock()
			done.Send(token{})
		})
		done.Recv()
		done.Recv()
		return text(x, y)
	}},
	{"ReadersAndWriter", false, func(e *explore.E) string {
		rw := new(sync2.RWMutex)
		n := 0
		got := [2]int{}
		done := explore.NewChan[token](e, "done", 3)
		for i := range got {
			e.Go("reader", func() {
				rw.RLock()
				got[i] = n
				rw.RUnlock()
				done.Send(token{})
			})
		}
		e.Go("writer", func() {
			rw.Lock()
			n = 1
			rw.Unlock()
			done.Send(token{})
		})
		done.Recv()
		done.Recv()
		done.Recv()
		return text(got)
	}},
	{"TryReadLock", false, func(e *explore.E) string {
		rw, done := new(sync2.RWMutex), explore.NewChan[token](e, "done", 0)
		e.Go("writer", func() {
			rw.Lock()
			rw.Unlock()
			done.Close()
		})
		got := rw.TryRLock()
		if got {
			rw.RUnlock()
		}
		done.Recv()
		return text(got)
	}},
	{"WaitGroup", true, func(e *explore.E) string {
		wg := new(sync2.WaitGroup)
		n := [2]int{}
		wg.Add(2)
		for i := range n {
			e.Go("worker", func() {
				n[i] = i + 1
				wg.Done()
			})
		}
		wg.Wait()
		return text(n)
	}},
	{"Once", false, func(e *explore.E) string {
		once := new(sync2.Once)
		who := -1
		done := explore.NewChan[int](e, "done", 2)
		for i := range 2 {
			e.Go("caller", func() {
				once.Do(func() { who = i })
				done.Send(who)
			})
		}
		a, b := recv(done), recv(done)
		return text(a, b)
	}},
	{"LostUpdate", true, func(e *explore.E) string {
		n, done := explore.NewAtomicInt(e, "n", 0), explore.NewChan[token](e, "done", 2)
		for range 2 {
			e.Go("adder", func() {
				n.Store(n.Load() + 1)
				done.Send(token{})
			})
		}
		done.Recv()
		done.Recv()
		return text(n.Load())
	}},
	{"CompareAndSwap", true, func(e *explore.E) string {
		n, done := explore.NewAtomicInt(e, "n", 0), explore.NewChan[token](e, "done", 3)
		won := [3]bool{}
		for i := range won {
			e.Go("swapper", func() {
				won[i] = n.CompareAndSwap(0, int64(i+1))
				done.Send(token{})
			})
		}
		done.Recv()
		done.Recv()
		done.Recv()
		return text(won)
	}},
	{"StoreBuffering", true, func(e *explore.E) string {
		x, y := explore.NewAtomicInt(e, "x", 0), explore.NewAtomicInt(e, "y", 0)
		a, b := int64(0), int64(0)
		done := explore.NewChan[token](e, "done", 2)
		e.Go("x", func() {
			x.Store(1)
			a = y.Load()
			done.Send(token{})
		})
		e.Go("y", func() {
			y.Store(1)
			b = x.Load()
			done.Send(token{})
		})
		done.Recv()
		done.Recv()
		return text(a, b)
	}},
	{"LoadsAndStores", true, func(e *explore.E) string {
		x, done := explore.NewAtomicInt(e, "x", 0), explore.NewChan[token](e, "done", 2)
		got := [2]int64{}
		e.Go("writer", func() {
			x.Store(1)
			x.Store(2)
			done.Send(token{})
		})
		e.Go("reader", func() {
			got[0] = x.Load()
			got[1] = x.Load()
			done.Send(token{})
		})
		done.Recv()
		done.Recv()
		return text(got)
	}},
	{"Context", false, func(e *explore.E) string {
		ctx, cancel := e.WithCancel(context.Background())
		c, done := explore.NewChan[int](e, "c", 1), explore.NewChan[token](e, "done", 0)
		e.Go("canceler", func() {
			c.Send(1)
			cancel()
			done.Close()
		})
		got := "value"
		if explore.Select(e, c.RecvCase(nil, nil), explore.DoneCase(e, ctx)) == 1 {
			got = "canceled"
		}
		done.Recv()
		return got
	}},
	{"Cond", false, func(e *explore.E) string {
		var mu sync2.Mutex
		cond := sync2.NewCond(&mu)
		n := 0
		done := explore.NewChan[int](e, "done", 2)
		for range 2 {
			e.Go("waiter", func() {
				mu.Lock()
				for n == 0 {
					cond.Wait()
				}
				n--
				done.Send(n)
				mu.Unlock()
			})
		}
		mu.Lock()
		n = 2
		mu.Unlock()
		cond.Broadcast()
		a, b := recv(done), recv(done)
		return text(a, b)
	}},
	{"Semaphore", true, func(e *explore.E) string {
		sem, done := explore.NewChan[token](e, "sem", 1), explore.NewChan[token](e, "done", 2)
		order := ""
		for _, s := range []string{"a", "b"} {
			e.Go(s, func() {
				sem.Send(token{})
				order += s
				sem.Recv()
				done.Send(token{})
			})
		}
		done.Recv()
		done.Recv()
		return order
	}},
	{"Nested", true, func(e *explore.E) string {
		c := explore.NewChan[int](e, "c", 3)
		e.Go("outer", func() {
			e.Go("inner", func() { c.Send(2) })
			c.Send(1)
		})
		c.Send(0)
		x, y, z := recv(c), recv(c), recv(c)
		return text(x, y, z)
	}},
}

// TestTwice explores each program twice, as ordinary Go and as its twin: both are exhausted, by the same number of
// schedules if their operations correspond one for one, and have the same outcomes.
func TestTwice(t *testing.T) {
	r := run(t, builder{private: true}.build(t, "twice"), &anytest.Config{Runs: 200_000, Time: hanging, Strategy: "dpor", Anytime: "off"}, nil)
	plain := make(map[string]anytest.Report)
	for _, p := range r.reports {
		plain[p.Test] = p
	}
	for _, tw := range twins {
		t.Run(tw.name, func(t *testing.T) {
			outcomes := make(map[string]bool)
			res := explore.Explore(tw.name, func(e *explore.E) { outcomes[tw.run(e)] = true }, explore.DPOR(), explore.Runs(200_000))
			test := "Test" + tw.name
			p := plain[test]
			if !res.Exhausted || p.Verdict != anytest.Exhausted {
				t.Errorf("%v; as ordinary Go %s, %v", res, p.Verdict, p.Caveats)
			}
			if tw.traces && res.Traces != p.Schedules {
				t.Errorf("%d traces differ, and %d schedules as ordinary Go", res.Traces, p.Schedules)
			}
			if n := r.allowed[test]; len(outcomes) != n || len(r.outcomes[test]) != n || r.outcomes[test][-1] > 0 {
				t.Errorf("it came to %v, and as ordinary Go to %v of %d outcomes", outcomes, r.outcomes[test], n)
			}
		})
	}
}
