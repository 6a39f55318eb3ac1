package quiet

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"maps"
	"reflect"
	"runtime"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// In each of these, plain memory is handed over in another way, and the race detector is to see that it is.

type payload struct {
	n int
	s []int
	m map[string]int
}

func (p *payload) touch() {
	p.n++
	p.s = append(p.s, p.n)
	if p.m == nil {
		p.m = map[string]int{}
	}
	p.m["k"] += p.n
}

func TestRaceFreeUnbuffered(t *testing.T) {
	c, back := make(chan *payload), make(chan *payload)
	go func() { p := <-c; p.touch(); back <- p }()
	p := new(payload)
	p.touch()
	c <- p
	(<-back).touch()
}

func TestRaceFreeBuffered(t *testing.T) {
	c := make(chan *payload, 2)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { p := new(payload); p.touch(); c <- p })
	}
	(<-c).touch()
	(<-c).touch()
	wg.Wait()
}

func TestRaceFreeCapacity(t *testing.T) { // the k-th receive comes before the k+C-th send has completed
	sem := make(chan int, 1)
	p := new(payload)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			sem <- 1
			p.touch()
			<-sem
		})
	}
	wg.Wait()
	p.touch()
}

func TestRaceFreeClose(t *testing.T) {
	p, c := new(payload), make(chan struct{})
	go func() { p.touch(); close(c) }()
	<-c
	p.touch()
}

func TestRaceFreeSelect(t *testing.T) {
	a, b := make(chan *payload), make(chan *payload, 1)
	var wg sync.WaitGroup
	for _, c := range []chan *payload{a, b} {
		wg.Go(func() { p := new(payload); p.touch(); c <- p })
	}
	for range 2 {
		select {
		case p := <-a:
			p.touch()
		case p := <-b:
			p.touch()
		}
	}
	wg.Wait()
}

func TestRaceFreeSelectDefault(t *testing.T) {
	p, c := new(payload), make(chan struct{}, 1)
	go func() { p.touch(); c <- struct{}{} }()
	for {
		select {
		case <-c:
			p.touch()
			return
		default:
			runtime.Gosched()
		}
	}
}

func TestRaceFreeReflect(t *testing.T) {
	c := make(chan *payload)
	go func() {
		p := new(payload)
		p.touch()
		reflect.ValueOf(c).Send(reflect.ValueOf(p))
	}()
	_, v, _ := reflect.Select([]reflect.SelectCase{{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(c)}})
	v.Interface().(*payload).touch()
}

func TestRaceFreeMutex(t *testing.T) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	p := new(payload)
	for range 3 {
		wg.Go(func() { mu.Lock(); defer mu.Unlock(); p.touch() })
	}
	wg.Wait()
	p.touch()
}

func TestRaceFreeTryLock(t *testing.T) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	p := new(payload)
	for range 2 {
		wg.Go(func() {
			if mu.TryLock() {
				p.touch()
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

func TestRaceFreeRWMutex(t *testing.T) {
	var rw sync.RWMutex
	var wg sync.WaitGroup
	p := new(payload)
	sum := [2]int{}
	for i := range sum {
		wg.Go(func() { rw.RLock(); defer rw.RUnlock(); sum[i] = p.n + len(p.m) })
	}
	wg.Go(func() { rw.Lock(); defer rw.Unlock(); p.touch() })
	wg.Wait()
}

func TestRaceFreeWaitGroup(t *testing.T) {
	var wg sync.WaitGroup
	p := [2]payload{}
	for i := range p {
		wg.Add(1)
		go func() { defer wg.Done(); p[i].touch() }()
	}
	wg.Wait()
	p[0].touch()
	p[1].touch()
}

func TestRaceFreeOnce(t *testing.T) {
	var once sync.Once
	p := new(payload)
	var wg sync.WaitGroup
	n := [2]int{}
	for i := range n {
		wg.Go(func() { once.Do(p.touch); n[i] = p.n + p.m["k"] })
	}
	wg.Wait()
}

func TestRaceFreeOnceValue(t *testing.T) {
	f := sync.OnceValue(func() *payload { p := new(payload); p.touch(); return p })
	var wg sync.WaitGroup
	n := [2]int{}
	for i := range n {
		wg.Go(func() { n[i] = f().n })
	}
	wg.Wait()
}

func TestRaceFreeCond(t *testing.T) {
	var mu sync.Mutex
	c := sync.NewCond(&mu)
	p := new(payload)
	go func() { mu.Lock(); p.touch(); mu.Unlock(); c.Broadcast() }()
	mu.Lock()
	for p.n == 0 {
		c.Wait()
	}
	p.touch()
	mu.Unlock()
}

func TestRaceFreeAtomicFlag(t *testing.T) {
	var ready atomic.Bool
	p := new(payload)
	go func() { p.touch(); ready.Store(true) }()
	for !ready.Load() {
		runtime.Gosched()
	}
	p.touch()
}

func TestRaceFreeAtomicFunctions(t *testing.T) {
	var ready int32
	p := new(payload)
	var wg sync.WaitGroup
	wg.Go(func() { p.touch(); atomic.StoreInt32(&ready, 1) })
	if atomic.LoadInt32(&ready) == 1 {
		p.touch()
	}
	wg.Wait()
	p.touch()
}

func TestRaceFreeAtomicPointer(t *testing.T) {
	var p atomic.Pointer[payload]
	var v atomic.Value
	var wg sync.WaitGroup
	wg.Go(func() { q := new(payload); q.touch(); p.Store(q) })
	wg.Go(func() { q := new(payload); q.touch(); v.Store(q) })
	if q := p.Swap(nil); q != nil {
		q.touch()
	}
	if q, _ := v.Load().(*payload); q != nil {
		q.touch()
	}
	wg.Wait()
}

func TestRaceFreeAtomicSpinLock(t *testing.T) {
	var lock atomic.Uint32
	p := new(payload)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for !lock.CompareAndSwap(0, 1) {
				runtime.Gosched()
			}
			p.touch()
			lock.Store(0)
		})
	}
	wg.Wait()
}

func TestRaceFreeSyncMap(t *testing.T) {
	var m sync.Map
	var wg sync.WaitGroup
	wg.Go(func() { p := new(payload); p.touch(); m.Store("k", p) })
	wg.Go(func() {
		if v, ok := m.LoadAndDelete("k"); ok {
			v.(*payload).touch()
		}
	})
	wg.Wait()
}

func TestRaceFreePool(t *testing.T) {
	pool := sync.Pool{New: func() any { return new(payload) }}
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { p := pool.Get().(*payload); p.touch(); pool.Put(p) })
	}
	wg.Wait()
}

func TestRaceFreeContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p := new(payload)
	go func() { p.touch(); cancel() }()
	<-ctx.Done()
	p.touch()
}

func TestRaceFreeContextAfterFunc(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p, done := new(payload), make(chan struct{})
	context.AfterFunc(ctx, func() { p.touch(); close(done) })
	p.touch()
	cancel()
	<-done
	p.touch()
}

func TestRaceFreeTimer(t *testing.T) {
	p, done := new(payload), make(chan struct{})
	p.touch()
	time.AfterFunc(time.Millisecond, func() { p.touch(); close(done) })
	<-done
	p.touch()
	<-time.After(time.Millisecond)
}

func TestRaceFreeTicker(t *testing.T) {
	p, c := new(payload), make(chan *payload)
	go func() {
		ticker := time.NewTicker(time.Millisecond)
		defer ticker.Stop()
		for range 2 {
			<-ticker.C
			p := <-c
			p.touch()
			c <- p
		}
	}()
	for range 2 {
		c <- p
		p = <-c
		p.touch()
	}
}

func TestRaceFreePipe(t *testing.T) {
	r, w := io.Pipe()
	go func() {
		fmt.Fprintf(w, "%d", 42)
		w.Close()
	}()
	var b bytes.Buffer
	_, _ = io.Copy(&b, r)
	if b.String() != "42" {
		t.Error(b.String())
	}
}

func TestRaceFreeIter(t *testing.T) {
	p := new(payload)
	next, stop := iter.Pull(func(yield func(*payload) bool) {
		for range 2 {
			p.touch()
			if !yield(p) {
				return
			}
		}
	})
	defer stop()
	c := make(chan int)
	go func() { q, _ := next(); q.touch(); c <- 1 }()
	<-c
	q, _ := next()
	q.touch()
}

func TestRaceFreeSubtests(t *testing.T) {
	var mu sync.Mutex
	p := new(payload)
	t.Run("group", func(t *testing.T) {
		for range 2 {
			t.Run("sub", func(t *testing.T) {
				t.Parallel()
				mu.Lock()
				p.touch()
				mu.Unlock()
				t.Cleanup(func() { mu.Lock(); p.touch(); mu.Unlock() })
			})
		}
	})
	p.touch()
}

func TestRaceFreeCopies(t *testing.T) {
	m := map[string]int{"a": 1, "b": 2}
	c := make(chan map[string]int, 2)
	for range 2 {
		go func() {
			n := maps.Clone(m)
			n["c"] = 3
			keys := slices.Collect(maps.Keys(n))
			sort.Strings(keys)
			n[strings.Join(keys, "")] = 1
			c <- n
		}()
	}
	(<-c)["d"] = 1
	(<-c)["d"] = 2
}

func TestRaceFreeGoexit(t *testing.T) {
	p, done := new(payload), make(chan struct{})
	go func() {
		defer close(done)
		defer p.touch()
		runtime.Goexit()
	}()
	<-done
	p.touch()
}

func TestRaceFreePanic(t *testing.T) {
	p, done := new(payload), make(chan struct{})
	go func() {
		defer close(done)
		defer func() { recover(); p.touch() }()
		panic("x")
	}()
	<-done
	p.touch()
}
