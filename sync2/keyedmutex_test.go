package sync2_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

func TestKeyedMutex(t *testing.T) {
	var m sync2.KeyedMutex[string]
	if m.Len() != 0 || m.Locked("a") || m.Waiting("a") != 0 {
		t.Errorf("new: %d keys", m.Len())
	}
	m.Lock("a")
	if m.TryLock("a") || m.LockTimeout("a", 0) || m.LockTimeout("a", time.Microsecond) || !m.Locked("a") || m.Locked("b") {
		t.Error("a is locked and can be had")
	}
	if !m.TryLock("b") || m.Len() != 2 {
		t.Errorf("%d keys, want a and b", m.Len())
	}
	m.Unlock("a")
	if m.Locked("a") || m.Len() != 1 {
		t.Errorf("%d keys, want b", m.Len())
	}
	if !m.LockTimeout("a", 0) || m.LockContext(t.Context(), "c") != nil || m.Len() != 3 {
		t.Errorf("%d keys, want a, b and c", m.Len())
	}
	for _, k := range []string{"a", "b", "c"} {
		m.Unlock(k)
	}
	if m.Len() != 0 {
		t.Errorf("%d keys, want none", m.Len())
	}
}

// A goroutine that waits for one key blocks no other key, and one that gives up leaves nothing behind.
func TestKeyedMutexWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m sync2.KeyedMutex[int]
		m.Lock(1)
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() { wantErr(t, m.LockContext(ctx, 1), errTest) }()
		go func() {
			if m.LockTimeout(1, time.Second) {
				t.Error("got it")
			}
		}()
		synctest.Wait()
		if m.Waiting(1) != 2 || m.Waiting(2) != 0 || m.Len() != 1 {
			t.Errorf("%d and %d wait for %d keys", m.Waiting(1), m.Waiting(2), m.Len())
		}
		m.Lock(2)
		m.Unlock(2)
		cancel(errTest)
		pass(time.Second)
		synctest.Wait()
		if m.Waiting(1) != 0 || m.Len() != 1 {
			t.Errorf("%d wait for %d keys", m.Waiting(1), m.Len())
		}
		go func() { m.Lock(1) }()
		synctest.Wait()
		m.Unlock(1)
		synctest.Wait()
		if !m.Locked(1) || m.Len() != 1 {
			t.Error("it was not handed over")
		}
		m.Unlock(1)
		wantErr(t, m.LockContext(ended(errTest), 1), errTest)
		if m.Len() != 0 {
			t.Errorf("%d keys are left", m.Len())
		}
	})
}

func TestKeyedMutexMisuse(t *testing.T) {
	var m sync2.KeyedMutex[any]
	ctx := t.Context()
	wantMisuse(t, "KeyedMutex.Unlock", func() { m.Unlock("a") })
	m.Lock("a")
	wantMisuse(t, "KeyedMutex.Unlock", func() { m.Unlock("b") })
	m.Unlock("a")
	wantMisuse(t, "KeyedMutex.Unlock", func() { m.Unlock("a") })
	wantMisuse(t, "KeyedMutex.LockContext", func() { _ = m.LockContext(nil, "a") }) //nolint:staticcheck // it must panic
	for _, nan := range []any{math.NaN(), [2]float64{0, math.NaN()}, struct{ x any }{math.NaN()}} {
		wantMisuse(t, "KeyedMutex.Lock", func() { m.Lock(nan) })
		wantMisuse(t, "KeyedMutex.LockContext", func() { _ = m.LockContext(ctx, nan) })
		wantMisuse(t, "KeyedMutex.LockContext", func() { _ = m.LockContext(ended(errTest), nan) })
		wantMisuse(t, "KeyedMutex.LockTimeout", func() { m.LockTimeout(nan, 1) })
		wantMisuse(t, "KeyedMutex.TryLock", func() { m.TryLock(nan) })
		wantMisuse(t, "KeyedMutex.Unlock", func() { m.Unlock(nan) })
		wantMisuse(t, "KeyedMutex.Locked", func() { m.Locked(nan) })
		wantMisuse(t, "KeyedMutex.Waiting", func() { m.Waiting(nan) })
	}
	for name, f := range map[string]func(k any){
		"Lock": m.Lock, "Unlock": m.Unlock, "TryLock": func(k any) { m.TryLock(k) }, "Locked": func(k any) { m.Locked(k) },
	} {
		got := panicOf(func() { f([]int{1}) })
		if _, ok := got.(runtime.Error); !ok {
			t.Errorf("%s of a slice panics with %v", name, got)
		}
	}
	if m.Len() != 0 || !m.TryLock("a") || m.Len() != 1 {
		t.Error("not fit for use afterwards")
	}
}

// A fickleContext panics when its Done is asked for more than once.
type fickleContext struct {
	context.Context
	asked bool
}

func (c *fickleContext) Done() <-chan struct{} {
	if c.asked {
		panic(errTest)
	}
	c.asked = true
	return c.Context.Done()
}

// Calls that fail, even by a panic of the context, leave nothing of the key behind.
func TestKeyedMutexFailsWithoutATrace(t *testing.T) {
	var m sync2.KeyedMutex[string]
	m.Lock("a")
	if got, _ := panicOf(func() { _ = m.LockContext(&fickleContext{Context: t.Context()}, "a") }).(error); !errors.Is(got, errTest) {
		t.Errorf("LockContext panics with %v", got)
	}
	if m.TryLock("a") || m.LockTimeout("a", 0) || m.LockContext(ended(errTest), "a") == nil {
		t.Error("a key was locked twice")
	}
	if n := m.Waiting("a"); n != 0 || m.Len() != 1 {
		t.Errorf("%d wait, %d keys", n, m.Len())
	}
	if m.Unlock("a"); m.Len() != 0 || m.Locked("a") {
		t.Errorf("%d keys are left", m.Len())
	}
}

// panicOf returns what f panics with.
func panicOf(f func()) (r any) {
	defer func() { r = recover() }()
	f()
	return nil
}

// Two Unlocks of one Lock: one of them panics, and neither frees another key.
func TestKeyedMutexUnlockedTwice(t *testing.T) {
	var m sync2.KeyedMutex[int]
	m.Lock(0)
	misused := 0
	for range 200 {
		m.Lock(1)
		var all sync.WaitGroup
		var bad atomic.Int32
		for range 2 {
			all.Go(func() {
				if panicOf(func() { m.Unlock(1) }) != nil {
					bad.Add(1)
				}
			})
		}
		if m.LockTimeout(1, time.Microsecond) && panicOf(func() { m.Unlock(1) }) != nil {
			bad.Add(1)
		}
		all.Wait()
		misused += int(bad.Load())
		if !m.Locked(0) || m.Locked(1) || m.Len() != 1 {
			t.Fatalf("%d keys, 0 is locked: %v", m.Len(), m.Locked(0))
		}
	}
	if misused != 200 {
		t.Errorf("%d panics for 200 Unlocks too many", misused)
	}
}

// A goroutine that has waited for 1 ms is handed the key, though another takes it again and again.
func TestKeyedMutexStarvation(t *testing.T) {
	var m sync2.KeyedMutex[string]
	done := make(chan struct{})
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			for {
				m.Lock("hot")
				for start := time.Now(); time.Since(start) < 100*time.Microsecond; {
					runtime.Gosched()
				}
				m.Unlock("hot")
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for range 10 {
		m.Lock("hot")
		m.Unlock("hot")
	}
	close(done)
	all.Wait()
	if m.Len() != 0 {
		t.Errorf("%d keys are left", m.Len())
	}
}

func TestKeyedMutexAllocatesNothing(t *testing.T) {
	var m sync2.KeyedMutex[string]
	var n sync2.KeyedMutex[int]
	ctx := t.Context()
	keys := []string{"a", "b", "c"}
	i := 0
	wantNoAllocs(t, func() {
		k := keys[i%3]
		i++
		m.Lock(k)
		m.TryLock(k)
		m.Unlock(k)
		_ = m.LockContext(ctx, k)
		m.Unlock(k)
		m.LockTimeout(k, time.Second)
		m.Unlock(k)
		m.Locked(k)
	})
	wantNoAllocs(t, func() { n.Lock(i); i++; n.Unlock(i - 1) })
}

// Keys take memory only while they are held.
func TestKeyedMutexMemory(t *testing.T) {
	const n = 50_000
	var m sync2.KeyedMutex[int]
	before := heap()
	for k := range n {
		m.Lock(k)
	}
	peak := int64(heap() - before)
	if m.Len() != n {
		t.Errorf("%d keys", m.Len())
	}
	for k := range n {
		m.Unlock(k)
	}
	after := int64(heap() - before)
	if m.Len() != 0 || after > peak/10 {
		t.Errorf("%d B with %d keys, %d B with %d", peak, n, after, m.Len())
	}
	m.Lock(1)
	t.Logf("%d B a key, %d B afterwards", peak/n, after)
}

// Each key excludes independently, with every form of the verb.
func TestKeyedMutexHammer(t *testing.T) {
	const keys, goroutines, each = 3, 6, 400
	var m sync2.KeyedMutex[int]
	var counts [keys]int // guarded by its key
	var total [keys]atomic.Int64
	var all sync.WaitGroup
	for me := range goroutines {
		all.Go(func() {
			for round := range each {
				k := (me + round) % keys
				ok := true
				switch round % 4 {
				case 0:
					m.Lock(k)
				case 1:
					ok = m.TryLock(k)
				case 2:
					ok = m.LockTimeout(k, time.Duration(round%9)*time.Microsecond)
				default:
					ctx, cancel := soon(round)
					ok = m.LockContext(ctx, k) == nil
					cancel()
				}
				if ok {
					counts[k]++
					total[k].Add(1)
					m.Unlock(k)
				}
			}
		})
	}
	all.Wait()
	for k := range counts {
		if int64(counts[k]) != total[k].Load() {
			t.Errorf("key %d: %d, want %d", k, counts[k], total[k].Load())
		}
	}
	if m.Len() != 0 {
		t.Errorf("%d keys are left", m.Len())
	}
}

func TestValidatorOnKeyedMutexes(t *testing.T) {
	var m sync2.KeyedMutex[int]
	validated(t, func(me, round int) {
		k := round % 2
		if round%50 == 0 {
			k = me + round // a new one
		}
		switch (me + round) % 4 {
		case 0:
			if !m.TryLock(k) {
				return
			}
		case 1:
			if !m.LockTimeout(k, time.Duration(round%7)*time.Microsecond) {
				return
			}
		case 2:
			ctx, cancel := soon(round)
			defer cancel()
			if m.LockContext(ctx, k) != nil {
				return
			}
		default:
			m.Lock(k)
		}
		m.Len()
		m.Unlock(k)
	})
}

func TestTraceKeyedMutex(t *testing.T) {
	got := record(t, func() {
		var m sync2.KeyedMutex[string]
		trace.Name(&m, "accounts")
		m.Lock("ann")
		m.Lock("ben")
		m.Unlock("ben")
		sync2.Go("eve", func() { m.Lock("ann") })
		synctest.Wait()
		m.TryLock("ann")
		m.Unlock("ann")
		synctest.Wait()
		m.LockTimeout("ann", time.Second)
		if m.Len() != 1 {
			t.Errorf("%d keys", m.Len())
		}
	})
	wantTrace(t, got, `
		main acquire accounts[ann] n=1
		main acquire accounts[ben] n=1
		main release accounts[ben]
		eve block accounts[ann] n=1 "Lock"
		main try-fail accounts[ann] n=1 "TryLock"
		main release accounts[ann]
		eve unblock accounts[ann] by main
		eve acquire accounts[ann] n=1
		main block accounts[ann] n=1 "LockTimeout"
		main give-up accounts[ann] n=1`)
}

// A trace keeps a bounded number of free keys known, and none after it has ended.
func TestTraceKeyedMutexManyKeys(t *testing.T) {
	var m sync2.KeyedMutex[int]
	j := &judge{valid: trace.NewValidator()}
	m.Lock(-1)
	if err := trace.Start(j); err != nil {
		t.Fatal(err)
	}
	for k := range 10_000 {
		m.Lock(k)
		m.Unlock(k)
	}
	if m.Len() != 1 {
		t.Errorf("%d keys", m.Len())
	}
	m.Unlock(-1)
	m.Lock(-2)
	trace.Stop()
	if j.err != nil {
		t.Error(j.err)
	}
	m.Unlock(-2)
	before := heap()
	for k := range 1000 {
		m.Lock(k)
		m.Unlock(k)
	}
	if m.Len() != 0 || heap() > before+10_000 {
		t.Errorf("%d keys; %d B, then %d B", m.Len(), before, heap())
	}
}

// refKeyedMutex has a list for each key: its holder, and the waiters.
type refKeyedMutex struct {
	waitingRef
	keys map[int][]*call
}

func (r *refKeyedMutex) begin(c *call) string {
	queue := r.keys[c.n]
	switch c.verb {
	case "Unlock":
		r.leave(c.n, queue[0])
		return "ok"
	case "TryLock":
		if len(queue) > 0 {
			return yesNo(false)
		}
		r.keys[c.n] = []*call{c}
		return yesNo(true)
	}
	if e := r.early(c); e != "" {
		return e
	}
	if len(queue) > 0 {
		if l := r.late(c); l != "" {
			return l
		}
	}
	r.keys[c.n] = append(queue, c)
	return r.released(c)
}

func (r *refKeyedMutex) released(c *call) string {
	if r.keys[c.n][0] != c {
		return ""
	}
	return "ok"
}

func (r *refKeyedMutex) giveUp(c *call, why string) string {
	r.leave(c.n, c)
	return r.waitingRef.giveUp(c, why)
}

func (r *refKeyedMutex) leave(k int, c *call) {
	r.keys[k] = slices.DeleteFunc(r.keys[k], func(x *call) bool { return x == c })
	if len(r.keys[k]) == 0 {
		delete(r.keys, k)
	}
}

func (r *refKeyedMutex) state() string {
	s := fmt.Sprint(len(r.keys))
	for k := range 3 {
		s += fmt.Sprint(" ", len(r.keys[k]) > 0, max(0, len(r.keys[k])-1))
	}
	return s
}

func TestKeyedMutexAgainstReference(t *testing.T) {
	checkAgainstReference(t, func(*rapid.T) subject {
		var m sync2.KeyedMutex[int]
		ref := &refKeyedMutex{keys: map[int][]*call{}}
		return subject{
			verbs: []string{"LockTimeout", "LockContext", "TryLock", "Unlock"},
			draw:  func(rt *rapid.T) int { return rapid.IntRange(0, 2).Draw(rt, "key") },
			legal: func(c *call) bool { return c.verb != "Unlock" || len(ref.keys[c.n]) > 0 },
			do: func(c *call) string {
				switch c.verb {
				case "LockTimeout":
					return yesNo(m.LockTimeout(c.n, c.d))
				case "LockContext":
					return okOr(m.LockContext(c.ctx, c.n))
				case "TryLock":
					return yesNo(m.TryLock(c.n))
				}
				m.Unlock(c.n)
				return "ok"
			},
			state: func() string {
				s := fmt.Sprint(m.Len())
				for k := range 3 {
					s += fmt.Sprint(" ", m.Locked(k), m.Waiting(k))
				}
				return s
			},
			ref: ref,
		}
	})
}

// Orders of one customer are processed one after the other, orders of different customers at the same time.
func ExampleKeyedMutex() {
	var customers sync2.KeyedMutex[string]
	balance := map[string]*int{"ann": new(int), "ben": new(int)}
	var workers []*sync2.Goroutine
	for range 3 {
		for name, b := range balance {
			workers = append(workers, sync2.Go("order of "+name, func() {
				customers.Lock(name)
				defer customers.Unlock(name)
				*b += 10
			}))
		}
	}
	for _, w := range workers {
		w.Join()
	}
	fmt.Println(*balance["ann"], *balance["ben"], customers.Len())
	// Output: 30 30 0
}

func ExampleKeyedMutex_TryLock() {
	var files sync2.KeyedMutex[string]
	files.Lock("a.txt")
	fmt.Println(files.TryLock("a.txt"), files.TryLock("b.txt"))
	fmt.Println(files.Locked("a.txt"), files.Len())
	// Output:
	// false true
	// true 2
}
