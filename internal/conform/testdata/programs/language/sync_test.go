package language

import (
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"programs/want"
)

func TestMutexCounter(t *testing.T) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	n := 0
	for range 2 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 2 {
				mu.Lock()
				n++
				mu.Unlock()
			}
		}()
	}
	wg.Wait()
	want.Outcome(t, want.Text(n), "4")
}

func TestMutexExcludes(t *testing.T) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	inside, most := 0, 0
	for range 3 {
		wg.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			inside++
			most = max(most, inside)
			runtime.Gosched()
			inside--
		})
	}
	wg.Wait()
	want.Outcome(t, want.Text(most), "1")
}

func TestMutexTryLock(t *testing.T) {
	var mu sync.Mutex
	a, b := mu.TryLock(), mu.TryLock()
	mu.Unlock()
	want.Outcome(t, want.Text(a, b, mu.TryLock()), "true false true")
}

func TestMutexTryLockMeetsOwner(t *testing.T) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	wg.Go(func() {
		mu.Lock()
		defer mu.Unlock()
	})
	got := mu.TryLock()
	if got {
		mu.Unlock()
	}
	wg.Wait()
	want.Outcome(t, want.Text(got), "true", "false")
}

func TestMutexUnlockedByAnother(t *testing.T) {
	var mu sync.Mutex
	mu.Lock()
	go mu.Unlock()
	mu.Lock()
	mu.Unlock()
	want.Outcome(t, "locked again", "locked again")
}

func TestMutexOrder(t *testing.T) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	order := ""
	for _, name := range []string{"a", "b"} {
		wg.Go(func() {
			mu.Lock()
			order += name
			mu.Unlock()
		})
	}
	wg.Wait()
	want.Outcome(t, order, "ab", "ba")
}

// A guarded value has a mutex in it, by a generic type.
type guarded[T any] struct {
	sync.Mutex
	v T
}

func (g *guarded[T]) with(f func(v *T)) {
	g.Lock()
	defer g.Unlock()
	f(&g.v)
}

func TestMutexEmbeddedGeneric(t *testing.T) {
	var g guarded[[]int]
	var wg sync.WaitGroup
	add := g.with // a method value
	for i := range 2 {
		wg.Go(func() { add(func(v *[]int) { *v = append(*v, i) }) })
	}
	wg.Wait()
	slices.Sort(g.v)
	want.Outcome(t, want.Text(g.v), "[0 1]")
}

func TestLocker(t *testing.T) {
	var rw sync.RWMutex
	var wg sync.WaitGroup
	n := 0
	for _, l := range []sync.Locker{new(sync.Mutex), rw.RLocker(), &rw} {
		wg.Go(func() {
			l.Lock()
			defer l.Unlock()
			if l == sync.Locker(&rw) {
				n++
			}
		})
	}
	wg.Wait()
	want.Outcome(t, want.Text(n), "1")
}

func TestRWMutexReadersTogether(t *testing.T) {
	var rw sync.RWMutex
	meet := make(chan int) // only both can pass
	var wg sync.WaitGroup
	wg.Go(func() {
		rw.RLock()
		meet <- 1
		rw.RUnlock()
	})
	wg.Go(func() {
		rw.RLock()
		<-meet
		rw.RUnlock()
	})
	wg.Wait()
	want.Outcome(t, "met", "met")
}

func TestRWMutexWriterExcludes(t *testing.T) {
	var rw sync.RWMutex
	var wg sync.WaitGroup
	a, b := 0, 0
	wg.Go(func() {
		rw.Lock()
		a++
		runtime.Gosched()
		b++
		rw.Unlock()
	})
	rw.RLock()
	same := a == b
	n := a
	rw.RUnlock()
	wg.Wait()
	want.Outcome(t, want.Text(same, n), "true 0", "true 1")
}

func TestRWMutexWriterGoesFirst(t *testing.T) { // a waiting writer keeps new readers out
	var rw sync.RWMutex
	var wg sync.WaitGroup
	rw.RLock()
	wg.Go(func() {
		rw.Lock()
		rw.Unlock()
	})
	got := rw.TryRLock()
	if got {
		rw.RUnlock()
	}
	rw.RUnlock()
	wg.Wait()
	want.Outcome(t, want.Text(got), "true", "false")
}

func TestRWMutexTry(t *testing.T) {
	var rw sync.RWMutex
	a := rw.TryRLock()
	b := rw.TryRLock()
	c := rw.TryLock()
	rw.RUnlock()
	rw.RUnlock()
	d := rw.TryLock()
	e := rw.TryRLock()
	rw.Unlock()
	want.Outcome(t, want.Text(a, b, c, d, e), "true true false true false")
}

func TestRWMutexTwoWriters(t *testing.T) {
	var rw sync.RWMutex
	var wg sync.WaitGroup
	order := ""
	for _, name := range []string{"a", "b"} {
		wg.Go(func() {
			rw.Lock()
			defer rw.Unlock()
			order += name
		})
	}
	wg.Wait()
	want.Outcome(t, order, "ab", "ba")
}

func TestWaitGroupWaitsForAll(t *testing.T) {
	var wg sync.WaitGroup
	n := [3]int{}
	wg.Add(len(n))
	for i := range n {
		go func() {
			defer wg.Done()
			n[i] = i
		}()
	}
	wg.Wait()
	want.Outcome(t, want.Text(n), "[0 1 2]")
}

func TestWaitGroupTwoWaiters(t *testing.T) {
	var wg, both sync.WaitGroup
	x := 0
	wg.Add(1)
	sum := make(chan int, 2)
	for range 2 {
		both.Go(func() {
			wg.Wait()
			sum <- x
		})
	}
	x = 1
	wg.Done()
	both.Wait()
	want.Outcome(t, want.Text(<-sum+<-sum), "2")
}

func TestWaitGroupAgain(t *testing.T) {
	var wg sync.WaitGroup
	n := 0
	for range 2 {
		wg.Go(func() { n++ })
		wg.Wait()
	}
	wg.Wait()
	want.Outcome(t, want.Text(n), "2")
}

func TestWaitGroupNegative(t *testing.T) {
	var wg sync.WaitGroup
	want.Outcome(t, want.Panic(func() { wg.Done() }), "sync: negative WaitGroup counter")
}

func TestWaitGroupGoexit(t *testing.T) {
	var wg sync.WaitGroup
	n := 0
	wg.Go(func() {
		defer func() { n++ }()
		runtime.Goexit()
	})
	wg.Wait()
	want.Outcome(t, want.Text(n), "1")
}

func TestOnce(t *testing.T) {
	var once sync.Once
	var wg sync.WaitGroup
	n := 0
	seen := [2]int{}
	for i := range seen {
		wg.Go(func() {
			once.Do(func() {
				runtime.Gosched()
				n++
			})
			seen[i] = n // the first call has returned
		})
	}
	wg.Wait()
	want.Outcome(t, want.Text(n, seen), "1 [1 1]")
}

func TestOncePanics(t *testing.T) {
	var once sync.Once
	a := want.Panic(func() { once.Do(func() { panic("first") }) })
	b := want.Panic(func() { once.Do(func() { panic("second") }) })
	want.Outcome(t, want.Text(a, b), "first none")
}

func TestOnceGoexit(t *testing.T) {
	var once sync.Once
	done := make(chan struct{})
	go func() {
		defer close(done)
		once.Do(runtime.Goexit)
	}()
	<-done
	ran := false
	once.Do(func() { ran = true })
	want.Outcome(t, want.Text(ran), "false")
}

func TestOnceFunc(t *testing.T) {
	n := 0
	f := sync.OnceFunc(func() { n++ })
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(f)
	}
	wg.Wait()
	g := sync.OnceFunc(func() { panic("again") })
	want.Outcome(t, want.Text(n, want.Panic(g), want.Panic(g)), "1 again again")
}

func TestOnceValue(t *testing.T) {
	n := 0
	f := sync.OnceValue(func() int { n++; return n })
	g := sync.OnceValues(func() (int, string) { n++; return n, "x" })
	c := make(chan int)
	go func() { c <- f() }()
	a := f() + <-c
	b, s := g()
	want.Outcome(t, want.Text(a, b, s), "2 2 x")
}

func TestCondSignal(t *testing.T) {
	var mu sync.Mutex
	c := sync.NewCond(&mu)
	ready := false
	go func() {
		mu.Lock()
		ready = true
		mu.Unlock()
		c.Signal()
	}()
	mu.Lock()
	for !ready {
		c.Wait()
	}
	mu.Unlock()
	want.Outcome(t, want.Text(ready), "true")
}

func TestCondBroadcast(t *testing.T) {
	var mu sync.Mutex
	c := sync.NewCond(&mu)
	go0, n := false, 0
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			for !go0 {
				c.Wait()
			}
			n++
		})
	}
	mu.Lock()
	go0 = true
	c.Broadcast()
	mu.Unlock()
	wg.Wait()
	want.Outcome(t, want.Text(n), "2")
}

func TestCondSignalWakesOne(t *testing.T) {
	var mu sync.Mutex
	c := sync.NewCond(&mu)
	waiting, woken := 0, 0
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			waiting++
			c.Wait()
			woken++
		})
	}
	for both := false; !both; runtime.Gosched() {
		mu.Lock()
		both = waiting == 2
		mu.Unlock()
	}
	mu.Lock()
	c.Signal()
	c.Signal()
	mu.Unlock()
	wg.Wait()
	want.Outcome(t, want.Text(woken), "2")
}

func TestCondRLocker(t *testing.T) {
	var rw sync.RWMutex
	c := sync.NewCond(rw.RLocker())
	ready := false
	go func() {
		rw.Lock()
		ready = true
		rw.Unlock()
		c.Broadcast()
	}()
	c.L.Lock()
	for !ready {
		c.Wait()
	}
	c.L.Unlock()
	want.Outcome(t, "ready", "ready")
}

func TestCondBoundedBuffer(t *testing.T) {
	var mu sync.Mutex
	notFull, notEmpty := sync.NewCond(&mu), sync.NewCond(&mu)
	var buf []int
	go func() {
		for i := range 2 {
			mu.Lock()
			for len(buf) == 1 {
				notFull.Wait()
			}
			buf = append(buf, i)
			notEmpty.Signal()
			mu.Unlock()
		}
	}()
	sum := 0
	for range 2 {
		mu.Lock()
		for len(buf) == 0 {
			notEmpty.Wait()
		}
		sum += 10 + buf[0]
		buf = buf[1:]
		notFull.Signal()
		mu.Unlock()
	}
	want.Outcome(t, want.Text(sum), "21")
}

func TestPool(t *testing.T) {
	p := sync.Pool{New: func() any { return new(strings.Builder) }}
	var wg sync.WaitGroup
	out := make(chan string, 2)
	for _, s := range []string{"a", "b"} {
		wg.Go(func() {
			b := p.Get().(*strings.Builder)
			b.Reset()
			b.WriteString(s)
			out <- b.String()
			p.Put(b)
		})
	}
	wg.Wait()
	a, b := <-out, <-out
	want.Outcome(t, min(a, b)+max(a, b), "ab")
}

func TestPoolWithoutNew(t *testing.T) {
	var p sync.Pool
	want.Outcome(t, want.Text(p.Get()), "<nil>")
}

func TestMapLoadOrStore(t *testing.T) {
	var m sync.Map
	var wg sync.WaitGroup
	loaded, got := [2]bool{}, [2]any{}
	for i := range 2 {
		wg.Go(func() { got[i], loaded[i] = m.LoadOrStore("k", i) })
	}
	wg.Wait()
	want.Outcome(t, want.Text(loaded, got), "[false true] [0 0]", "[true false] [1 1]")
}

func TestMapOperations(t *testing.T) {
	var m sync.Map
	m.Store("a", 1)
	_, none := m.Load("b")
	old, was := m.Swap("a", 2)
	cas := m.CompareAndSwap("a", 2, 3)
	cad := m.CompareAndDelete("a", 2)
	v, ok := m.LoadAndDelete("a")
	m.Store("x", 1)
	m.Clear()
	n := 0
	m.Range(func(any, any) bool { n++; return true })
	want.Outcome(t, want.Text(none, old, was, cas, cad, v, ok, n), "false 1 true true false 3 true 0")
}

func TestMapRangeSeesAll(t *testing.T) {
	var m sync.Map
	var wg sync.WaitGroup
	for i := range 2 {
		wg.Go(func() { m.Store(i, i*i) })
	}
	wg.Wait()
	sum := 0
	for _, v := range m.Range {
		sum += v.(int)
	}
	want.Outcome(t, want.Text(sum), "1")
}

func TestMapDeleteWhileRange(t *testing.T) {
	var m sync.Map
	m.Store(1, 1)
	done := make(chan struct{})
	go func() {
		m.Delete(1)
		close(done)
	}()
	n := 0
	m.Range(func(any, any) bool { n++; return true })
	<-done
	want.Outcome(t, want.Text(n), "0", "1")
}
