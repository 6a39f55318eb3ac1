package sync2_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/internal/nightly"
	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A bystander is a sink that lets a Validator and a State see every event, and keeps the first complaint of each.
type bystander struct {
	valid  trace.Validator
	state  timeline.State
	events int
	err    error
}

func (b *bystander) Event(ev trace.Event) {
	b.events++
	for _, err := range []error{b.valid.Event(ev), b.state.Apply(ev)} {
		if err != nil && b.err == nil {
			b.err = err
		}
	}
}

// object returns the State's object with the given name, or nil if it has not been defined.
func (b *bystander) object(name string) *timeline.Object {
	for _, o := range b.state.Objects() {
		if o.Name == name {
			return o
		}
	}
	return nil
}

// A busy is a primitive that goroutines use without waiting for long.
type busy struct {
	name string
	make func(t *testing.T) (of any, work func(r *rand.Rand), same func(o *timeline.Object) string)
}

// differs compares a State with the primitive's own state.
func differs(what string, told, is any) string {
	if told != is {
		return fmt.Sprintf("the State has %s = %v, it is %v; ", what, told, is)
	}
	return ""
}

func short(r *rand.Rand) time.Duration { return time.Duration(r.IntN(20)) * time.Microsecond }

var busies = []busy{
	{"semaphore", func(*testing.T) (any, func(*rand.Rand), func(*timeline.Object) string) {
		s := sync2.NewBoundedSemaphore(3)
		return s, func(r *rand.Rand) {
				n := 1
				switch r.IntN(8) {
				case 7:
					s.Resize(1 + r.IntN(4))
					return
				case 0:
					s.Acquire()
				case 1:
					if !s.TryAcquire() {
						return
					}
				case 2:
					if !s.AcquireTimeout(short(r)) {
						return
					}
				case 3:
					n = 1 + r.IntN(3)
					ctx, cancel := context.WithTimeout(context.Background(), short(r))
					defer cancel()
					if s.AcquireN(ctx, n) != nil {
						return
					}
				case 4:
					n = s.Drain()
				case 5:
					n = 2
					if s.AcquireN(context.Background(), n) != nil {
						return
					}
				default:
					if s.AcquireContext(context.Background()) != nil {
						return
					}
				}
				if r.IntN(3) == 0 {
					runtime.Gosched()
				}
				s.ReleaseN(n)
			}, func(o *timeline.Object) string {
				return differs("permits", o.Permits, int64(s.Available())) + differs("waiting", len(o.Queue), 0)
			}
	}},
	{"wait group", func(*testing.T) (any, func(*rand.Rand), func(*timeline.Object) string) {
		g := new(sync2.WaitGroup)
		return g, func(r *rand.Rand) {
				g.Add(1)
				defer g.Done()
				switch r.IntN(4) {
				case 0:
					g.WaitTimeout(short(r))
				case 1:
					ctx, cancel := context.WithTimeout(context.Background(), short(r))
					defer cancel()
					_ = g.WaitContext(ctx)
				case 2:
					g.Add(2)
					g.Add(-2)
				default:
					runtime.Gosched()
				}
			}, func(o *timeline.Object) string {
				return differs("the counter", o.Count, g.Count()) + differs("waiting", len(o.Queue), g.Waiting())
			}
	}},
	{"rwmutex", func(*testing.T) (any, func(*rand.Rand), func(*timeline.Object) string) {
		m := new(sync2.RWMutex)
		return m, func(r *rand.Rand) {
				if r.IntN(3) == 0 {
					if !lockSomehow(r, m.Lock, m.TryLock, m.LockTimeout, m.LockContext) {
						return
					}
					runtime.Gosched()
					if r.IntN(2) == 0 {
						m.Unlock()
						return
					}
					m.Downgrade()
				} else if !lockSomehow(r, m.RLock, m.TryRLock, m.RLockTimeout, m.RLockContext) {
					return
				}
				runtime.Gosched()
				m.RUnlock()
			}, func(o *timeline.Object) string {
				return differs("written", o.Depth != 0, m.Locked()) + differs("read", len(o.Holders), m.Readers()) + differs("waiting", len(o.Queue), m.Waiting())
			}
	}},
	{"once", func(*testing.T) (any, func(*rand.Rand), func(*timeline.Object) string) {
		o := new(sync2.Once)
		return o, func(r *rand.Rand) {
				ctx, cancel := context.WithTimeout(context.Background(), short(r))
				defer cancel()
				_ = o.DoContext(ctx, func(context.Context) error {
					runtime.Gosched()
					return errTest
				})
			}, func(of *timeline.Object) string {
				return differs("done", of.IsSet, o.Done()) + differs("running", of.Acting, int64(0)) + differs("waiting", len(of.Queue), 0)
			}
	}},
	{"mutex", func(*testing.T) (any, func(*rand.Rand), func(*timeline.Object) string) {
		m := new(sync2.Mutex)
		return m, lockWork(m), func(o *timeline.Object) string {
			return differs("locked", o.Depth != 0, m.Locked()) + differs("waiting", len(o.Queue), m.Waiting())
		}
	}},
	{"reentrant lock", func(*testing.T) (any, func(*rand.Rand), func(*timeline.Object) string) {
		m := new(sync2.ReentrantLock)
		return m, lockWork(m), func(o *timeline.Object) string {
			return differs("depth", o.Depth, int64(0)) + differs("waiting", len(o.Queue), m.Waiting())
		}
	}},
	{"event", func(*testing.T) (any, func(*rand.Rand), func(*timeline.Object) string) {
		e := new(sync2.Event)
		return e, func(r *rand.Rand) {
				switch r.IntN(5) {
				case 0:
					e.Set()
				case 1:
					e.Clear()
				case 2:
					ctx, cancel := context.WithTimeout(context.Background(), short(r))
					defer cancel()
					_ = e.WaitContext(ctx)
				default:
					e.WaitTimeout(short(r))
				}
			}, func(o *timeline.Object) string {
				return differs("set", o.IsSet, e.IsSet()) + differs("waiting", len(o.Queue), e.Waiting())
			}
	}},
	{"barrier", func(*testing.T) (any, func(*rand.Rand), func(*timeline.Object) string) {
		return busyBarrier(sync2.NewBarrier(3))
	}},
	{"barrier with an action", func(*testing.T) (any, func(*rand.Rand), func(*timeline.Object) string) {
		return busyBarrier(sync2.NewBarrier(2, sync2.WithAction(func() error { runtime.Gosched(); return nil })))
	}},
	{"cond", func(*testing.T) (any, func(*rand.Rand), func(*timeline.Object) string) {
		var mu sync2.ReentrantLock
		c := sync2.NewCond(&mu)
		return c, func(r *rand.Rand) {
				mu.Lock()
				defer mu.Unlock()
				switch r.IntN(5) {
				case 0:
					c.Signal()
				case 1:
					c.Broadcast()
				case 2:
					mu.Lock()
					c.WaitTimeout(short(r))
					mu.Unlock()
				default:
					c.WaitTimeout(short(r))
				}
			}, func(o *timeline.Object) string {
				return differs("waiting", len(o.Queue), c.Waiting())
			}
	}},
	{"queue", func(*testing.T) (any, func(*rand.Rand), func(*timeline.Object) string) {
		return busyQueue(sync2.NewQueue[int](2))
	}},
	{"unbounded queue", func(*testing.T) (any, func(*rand.Rand), func(*timeline.Object) string) {
		return busyQueue(sync2.NewQueue[int](0))
	}},
	{"stack", func(*testing.T) (any, func(*rand.Rand), func(*timeline.Object) string) {
		return busyQueue(sync2.NewStack[int](3))
	}},
	{"priority queue", func(*testing.T) (any, func(*rand.Rand), func(*timeline.Object) string) {
		return busyQueue(sync2.NewPriorityQueue(3, func(a, b int) int { return a - b }))
	}},
	{"local", func(*testing.T) (any, func(*rand.Rand), func(*timeline.Object) string) {
		l := new(sync2.Local[int])
		return l, func(r *rand.Rand) {
			l.Set(r.IntN(10))
			if r.IntN(2) == 0 {
				l.Delete()
			}
			sync2.Go("", func() { l.Set(1) }).Join()
		}, func(*timeline.Object) string { return "" }
	}},
	{"executor", func(t *testing.T) (any, func(*rand.Rand), func(*timeline.Object) string) {
		e := sync2.NewExecutor(2)
		t.Cleanup(e.Shutdown)
		return e, func(r *rand.Rand) {
			f := sync2.Submit(e, func(context.Context) (int, error) { return 7, nil })
			g := sync2.Submit(e, func(context.Context) (int, error) { runtime.Gosched(); return 8, nil })
			switch r.IntN(5) {
			case 0:
				f.Cancel()
			case 1:
				_, _ = f.Result()
			case 2:
				_, _ = f.ResultTimeout(short(r))
			case 3:
				_, _, _ = sync2.WaitAny(context.Background(), f, g)
			default:
				_, _, _ = sync2.WaitAll(context.Background(), f, g)
			}
		}, func(*timeline.Object) string { return "" }
	}},
	{"promise", func(*testing.T) (any, func(*rand.Rand), func(*timeline.Object) string) {
		var mu sync.Mutex
		p := sync2.NewPromise[int]()
		return p.Future(), func(r *rand.Rand) {
			mu.Lock()
			mine := p
			if r.IntN(3) == 0 {
				p = sync2.NewPromise[int]()
			}
			mu.Unlock()
			if r.IntN(2) == 0 {
				mine.Succeed(1)
			}
			_, _ = mine.Future().ResultTimeout(short(r))
		}, func(*timeline.Object) string { return "" }
	}},
}

func lockWork(m interface {
	sync.Locker
	TryLock() bool
	LockTimeout(d time.Duration) bool
	LockContext(ctx context.Context) error
},
) func(*rand.Rand) {
	return func(r *rand.Rand) {
		switch r.IntN(4) {
		case 0:
			if !m.TryLock() {
				return
			}
		case 1:
			if !m.LockTimeout(short(r)) {
				return
			}
		case 2:
			ctx, cancel := context.WithTimeout(context.Background(), short(r))
			defer cancel()
			if m.LockContext(ctx) != nil {
				return
			}
		default:
			m.Lock()
		}
		if l, ok := m.(*sync2.ReentrantLock); ok && r.IntN(2) == 0 {
			l.Lock()
			defer l.Unlock()
		}
		if r.IntN(3) == 0 {
			runtime.Gosched()
		}
		m.Unlock()
	}
}

func busyBarrier(b *sync2.Barrier) (any, func(*rand.Rand), func(*timeline.Object) string) {
	return b, func(r *rand.Rand) {
			switch r.IntN(11) {
			case 0:
				b.Abort(nil)
				b.Reset()
			case 1:
				ctx, cancel := context.WithTimeout(context.Background(), short(r))
				defer cancel()
				_, _ = b.WaitContext(ctx)
			default:
				_, _ = b.WaitTimeout(50 * time.Microsecond)
			}
			if b.Broken() {
				b.Reset()
			}
		}, func(o *timeline.Object) string {
			return differs("broken", o.Broken, b.Broken()) + differs("waiting", len(o.Queue), 0)
		}
}

func busyQueue(q *sync2.Queue[int]) (any, func(*rand.Rand), func(*timeline.Object) string) {
	return q, func(r *rand.Rand) {
			switch r.IntN(6) {
			case 0:
				_ = q.PutTimeout(short(r), r.IntN(9))
			case 1, 2:
				q.TryPut(r.IntN(9))
			case 3:
				if _, ok := q.TryGet(); ok {
					q.TaskDone()
				}
			case 4:
				q.JoinTimeout(short(r))
			default:
				ctx, cancel := context.WithTimeout(context.Background(), short(r))
				defer cancel()
				if _, err := q.GetContext(ctx); err == nil {
					q.TaskDone()
				}
			}
		}, func(o *timeline.Object) string {
			return differs("items", len(o.Items), q.Len()) + differs("unfinished", o.Puts-o.Done, q.Unfinished()) +
				differs("waiting", len(o.Queue), 0)
		}
}

// A trace that begins or ends while the program is busy shows only what is true, and once the program is at rest
// it has the current state.
func TestTraceAmid(t *testing.T) {
	rounds := nightly.Or(150, 1000)
	if testing.Short() {
		rounds = 100
	}
	for _, b := range busies {
		t.Run(b.name, func(t *testing.T) {
			of, work, same := b.make(t)
			trace.Name(of, "it")
			defined := 0
			for round := range rounds {
				r := rand.New(rand.NewPCG(1, uint64(round)))
				var wg sync.WaitGroup
				for me := range 3 {
					wg.Go(func() {
						r := rand.New(rand.NewPCG(uint64(me), uint64(round)))
						for range 20 {
							work(r)
						}
					})
				}
				pause := func() {
					for range r.IntN(40) {
						runtime.Gosched()
					}
				}
				for range r.IntN(3) { // some that begin and end amid the work
					pause()
					amid := new(bystander)
					if err := trace.Start(amid); err != nil {
						t.Fatal(err)
					}
					pause()
					trace.Stop()
					if amid.err != nil {
						t.Fatalf("round %d, begun and ended: %v", round, amid.err)
					}
				}
				pause()
				last := new(bystander)
				last.valid.AllowWaiting = true // the workers of an executor
				if err := trace.Start(last); err != nil {
					t.Fatal(err)
				}
				wg.Wait()
				trace.Stop()
				if o := last.object("it"); o != nil {
					defined++
					if d := same(o); d != "" {
						last.err = fmt.Errorf("at rest: %s", d)
					}
				}
				if last.err == nil {
					last.err = last.valid.Finish()
				}
				if last.err != nil {
					t.Fatalf("round %d, after %d events: %v", round, last.events, last.err)
				}
			}
			t.Logf("defined in %d of %d", defined, rounds)
		})
	}
}

// A trace may begin and end at any moment of an operation, also where an operation looks twice whether one is running.
func TestTraceComesAndGoes(t *testing.T) {
	works := map[string]func(r *rand.Rand){}
	for _, b := range busies {
		_, works[b.name], _ = b.make(t)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var locks sync2.KeyedMutex[int]
	works["keyed mutex"] = func(r *rand.Rand) {
		k := r.IntN(2)
		if locks.LockContext(ctx, k) == nil {
			runtime.Gosched()
			locks.Unlock(k)
		}
	}
	var flight sync2.Flight[int, int]
	works["flight"] = func(r *rand.Rand) {
		_, _, _ = flight.Do(ctx, r.IntN(2), func(context.Context) (int, error) { runtime.Gosched(); return 1, nil })
	}
	latest := sync2.NewWatch(0)
	works["watch"] = func(r *rand.Rand) {
		if _, version := latest.Get(); r.IntN(2) == 0 {
			latest.Set(r.Int())
		} else {
			_, _, _ = latest.WaitTimeout(version, time.Microsecond)
		}
	}
	works["group"] = func(*rand.Rand) {
		g := sync2.NewGroup(ctx, sync2.WithLimit(2))
		for range 3 {
			g.Go("member", func(context.Context) error { runtime.Gosched(); return nil })
		}
		_ = g.Wait()
	}
	works["goroutine"] = func(*rand.Rand) {
		_ = sync2.Go("one", runtime.Gosched).JoinContext(ctx)
	}
	for name, work := range works {
		t.Run(name, func(t *testing.T) {
			var stop atomic.Bool
			var wg sync.WaitGroup
			for me := range 3 {
				wg.Go(func() {
					for r := rand.New(rand.NewPCG(uint64(me), 1)); !stop.Load(); {
						work(r)
					}
				})
			}
			for range nightly.Or(20_000, 200_000) {
				amid := new(bystander)
				if err := trace.Start(amid); err != nil {
					t.Fatal(err)
				}
				trace.Stop()
				if amid.err != nil {
					t.Errorf("after %d events: %v", amid.events, amid.err)
					break
				}
			}
			stop.Store(true)
			wg.Wait()
		})
	}
}

// Traces that follow one another at once, while goroutines begin and end, all begin with KindBegin, and tell each goroutine
// once, including one that was started before the trace and has not run yet.
func TestTraceAmidGoroutines(t *testing.T) {
	var stop atomic.Bool
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for !stop.Load() {
				g := sync2.Go("brief", func() {})
				g.Join()
				g.Join() // it is defined anew
			}
		})
	}
	for range nightly.Or(1000, 4000) {
		j := &judge{valid: trace.NewValidator()}
		if err := trace.Start(j); err != nil {
			t.Fatal(err)
		}
		for range 10 {
			runtime.Gosched()
		}
		trace.Stop()
		if j.err != nil {
			t.Error(j.err)
			break
		}
	}
	stop.Store(true)
	wg.Wait()
}

// A trace that begins while the goroutines of a Group run shows them by name, even if they have no handles yet.
func TestTraceAmidGroup(t *testing.T) {
	var end sync2.Event
	crew := sync2.NewGroup(t.Context())
	for _, name := range []string{"one", "two"} {
		crew.Go(name, func(context.Context) error { end.Wait(); return nil })
	}
	until(func() bool { return end.Waiting() == 2 })
	b := new(bystander)
	if err := trace.Start(b); err != nil {
		t.Fatal(err)
	}
	crew.Go("three", func(context.Context) error { end.Wait(); return nil })
	until(func() bool { return end.Waiting() == 3 })
	end.Set()
	err := crew.Wait()
	trace.Stop()
	if err != nil || b.err != nil {
		t.Fatalf("%v, %v", err, b.err)
	}
	known := make(map[string]bool)
	for _, g := range b.state.Goroutines() {
		known[g.Name] = true
	}
	if !known["one"] || !known["two"] || !known["three"] {
		t.Errorf("the State knows %v", known)
	}
}
