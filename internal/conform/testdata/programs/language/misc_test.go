package language

import (
	"errors"
	"maps"
	"math"
	"math/rand"
	randv2 "math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"
	"unique"
	"weak"

	"programs/want"
)

func TestGoValues(t *testing.T) { // arguments are evaluated by the go statement
	c := make(chan int, 3)
	x := 1
	go func(v int) { c <- v }(x)
	x = 2
	f := func() { c <- 10 }
	go f()
	f = nil
	a, b := <-c, <-c
	want.Outcome(t, want.Text(a+b, x), "11 2")
}

type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) inc(d int) { c.mu.Lock(); c.n += d; c.mu.Unlock() }

type incer interface{ inc(d int) }

func TestGoMethods(t *testing.T) {
	var c counter
	var wg sync.WaitGroup
	wg.Add(2)
	done := func(f func(int), d int) { defer wg.Done(); f(d) }
	go done(c.inc, 1)
	go done(incer(&c).inc, 2)
	go (*counter).inc(&c, 0)
	wg.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	want.Outcome(t, want.Text(c.n), "3")
}

func TestGoBuiltin(t *testing.T) {
	c := make(chan int)
	go close(c)
	_, ok := <-c
	go println()
	want.Outcome(t, want.Text(ok), "false")
}

func TestGoLoopVariable(t *testing.T) {
	c := make(chan int, 3)
	for i := 0; i < 3; i++ {
		go func() { c <- i }()
	}
	got := []int{<-c, <-c, <-c}
	slices.Sort(got)
	want.Outcome(t, want.Text(got), "[0 1 2]")
}

func TestGoNested(t *testing.T) {
	c := make(chan int)
	go func() {
		go func() {
			go func() { c <- 3 }()
			c <- 2
		}()
		c <- 1
	}()
	want.Outcome(t, want.Text(<-c+<-c+<-c), "6")
}

func TestRecoverInGoroutine(t *testing.T) {
	c := make(chan string)
	go func() {
		defer func() { c <- want.Text("recovered", recover()) }()
		var m map[string]int
		m["x"] = 1
	}()
	want.Outcome(t, <-c, "recovered assignment to entry in nil map")
}

func TestRecoverNested(t *testing.T) {
	got := ""
	func() {
		defer func() { got += want.Text(recover()) }()
		defer func() {
			defer func() { got += want.Text(recover()) + " " }()
			panic("second")
		}()
		panic("first")
	}()
	want.Outcome(t, got, "second first")
}

func TestRecoverRuntimeError(t *testing.T) {
	var err runtime.Error
	func() {
		defer func() { errors.As(recover().(error), &err) }()
		var p *counter
		p.n++
	}()
	want.Outcome(t, want.Text(err), "runtime error: invalid memory address or nil pointer dereference")
}

func TestPanicHoldingLock(t *testing.T) {
	var mu sync.Mutex
	f := func() {
		mu.Lock()
		defer mu.Unlock()
		panic("inside")
	}
	go func() {
		defer func() { recover() }()
		f()
	}()
	want.Outcome(t, want.Panic(f), "inside")
}

func TestGoexit(t *testing.T) {
	c, order := make(chan string), ""
	go func() {
		defer func() { c <- order + want.Text(" ", recover()) }()
		func() {
			defer func() { order += "inner" }()
			runtime.Goexit()
		}()
		order += "never"
	}()
	want.Outcome(t, <-c, "inner  <nil>")
}

func TestGoexitInDeferDuringPanic(t *testing.T) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer runtime.Goexit()
		panic("swallowed")
	}()
	<-done
	want.Outcome(t, "ended", "ended")
}

func TestDeferOperations(t *testing.T) {
	c := make(chan int, 3)
	func() {
		for i := range 3 {
			defer func() { c <- i }()
		}
	}()
	want.Outcome(t, want.Text(<-c, <-c, <-c), "2 1 0")
}

func TestGosched(t *testing.T) {
	order := make(chan string, 2)
	go func() { order <- "g" }()
	runtime.Gosched()
	order <- "m"
	want.Outcome(t, <-order+<-order, "gm", "mg")
}

func TestMapOrder(t *testing.T) {
	m := map[string]int{"a": 1, "b": 2}
	order := ""
	for k := range m {
		order += k
	}
	want.Outcome(t, order, "ab", "ba")
}

func TestMapSorted(t *testing.T) {
	m := map[int]bool{}
	for i := range 100 {
		m[i] = true
	}
	keys := slices.Collect(maps.Keys(m))
	sort.Ints(keys)
	want.Outcome(t, want.Text(len(keys), keys[0], keys[99]), "100 0 99")
}

// The order of such a map depends on addresses; what an iteration meets does not.
func TestMapOfPointers(t *testing.T) {
	type item struct {
		n int
		s string
	}
	pointers, structs, nested := map[*item]int{}, map[item]int{}, 0
	for i := range 3000 {
		pointers[&item{n: i}] = i
		structs[item{i, want.Text(i)}] = i
	}
	seen := map[int]int{}
	for k, v := range pointers {
		if k.n != v {
			t.Fatalf("%d is below %d", v, k.n)
		}
		seen[v]++
		switch {
		case v%3 == 0: // another is not met any more, if it was not before
			for other := range pointers {
				if other.n < 3000 && seen[other.n] == 0 {
					delete(pointers, other)
					seen[other.n] = 1
					break
				}
			}
		case v < 3000 && v%3 == 1: // what is added may be met
			pointers[&item{n: v + 3000}] = v + 3000
			seen[v+3000]--
		}
	}
	for n, times := range seen {
		if n < 3000 && times != 1 || n >= 3000 && times != 0 && times != -1 {
			t.Fatalf("%d is met %d times", n, times)
		}
	}
	clone, nans := maps.Clone(structs), map[any]int{}
	for k := range structs {
		if k.n == 0 {
			for range structs {
				nested++
			}
		}
		structs[k] = -structs[k]
	}
	sum := 0
	for k, v := range structs {
		sum += v + clone[k]
	}
	for range 100 {
		nans[math.NaN()]++
	}
	met := 0
	for range nans {
		met++
	}
	for range clone {
		clear(clone)
	}
	want.Outcome(t, want.Text(len(structs), nested, sum, met, len(clone)), "3000 3000 0 100 0")
}

func TestMapFirst(t *testing.T) { // the first of three
	for k := range map[int]bool{1: true, 2: true, 3: true} {
		want.Outcome(t, want.Text(k), "1", "2", "3")
		break
	}
}

func TestRandom(t *testing.T) {
	a, b := rand.Intn(2), randv2.IntN(2)
	want.Outcome(t, want.Text(a, b), "0 0", "0 1", "1 0", "1 1")
}

func TestRandomSeeded(t *testing.T) {
	a := rand.New(rand.NewSource(1)).Int()
	b := randv2.New(randv2.NewPCG(1, 2)).Uint64()
	want.Outcome(t, want.Text(a, b), "5577006791947779410 14192431797130687760")
}

func TestRandomShuffle(t *testing.T) {
	v := []int{1, 2}
	randv2.Shuffle(2, func(i, j int) { v[i], v[j] = v[j], v[i] })
	want.Outcome(t, want.Text(v), "[1 2]", "[2 1]")
}

func TestNumGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		<-stop
		close(ended)
	}()
	during := runtime.NumGoroutine()
	close(stop)
	<-ended
	want.Outcome(t, want.Text(during-before), "1")
}

func TestGarbageCollection(t *testing.T) {
	c, done := make(chan *[1000]int, 2), make(chan int)
	go func() {
		sum := 0
		for p := range c {
			runtime.GC()
			sum += p[999]
		}
		done <- sum
	}()
	for i := range 3 {
		p := new([1000]int)
		p[999] = i
		c <- p
		runtime.GC()
	}
	close(c)
	want.Outcome(t, want.Text(<-done), "3")
}

func TestFinalizer(t *testing.T) {
	done := make(chan struct{})
	p := new([16]int)
	runtime.SetFinalizer(p, func(*[16]int) { close(done) })
	p = nil
	for range 1000 {
		runtime.GC()
		select {
		case <-done:
			want.Outcome(t, "finalized", "finalized")
			return
		case <-time.After(tick):
		}
	}
	t.Error("never finalized")
}

func TestCleanupOfValue(t *testing.T) {
	done := make(chan int, 1)
	func() {
		p := new([16]int)
		runtime.AddCleanup(p, func(v int) { done <- v }, 5)
	}()
	for range 1000 {
		runtime.GC()
		select {
		case v := <-done:
			want.Outcome(t, want.Text(v), "5")
			return
		case <-time.After(tick):
		}
	}
	t.Error("never cleaned up")
}

func TestWeakAndUnique(t *testing.T) {
	h := unique.Make("x" + strings.Repeat("y", 3))
	p := new(counter)
	w := weak.Make(p)
	same := w.Value() == p
	runtime.KeepAlive(p)
	got := [2]bool{}
	both(func() { got[0] = unique.Make("xyyy") == h }, func() { got[1] = unique.Make("z") == h })
	want.Outcome(t, want.Text(same, got), "true [true false]")
}

func TestStacks(t *testing.T) {
	c := make(chan string)
	go func() { c <- string(debug.Stack()) }()
	s := <-c
	_, file, line, ok := runtime.Caller(0)
	buf := make([]byte, 1<<16)
	all := runtime.Stack(buf, true)
	want.Outcome(t, want.Text(strings.Contains(s, "TestStacks"), strings.HasSuffix(file, "misc_test.go"), line > 0, ok, all > 0), "true true true true true")
}

//go:noinline
func waitsAt(ready, c chan int) {
	ready <- 1
	<-c
}

// TestStacksOfAll looks for goroutines as detectors of leaks do.
func TestStacksOfAll(t *testing.T) {
	t.Run("sub", func(t *testing.T) {
		ready, c := make(chan int), make(chan int)
		go waitsAt(ready, c)
		<-ready
		buf := make([]byte, 1<<20)
		runs, waits := 0, 0
		for runs < 2 { // who has started this test may not have come to wait for it
			runs, waits = 0, 0
			for _, s := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n")[1:] {
				lines := strings.Split(s, "\n")
				fn := lines[1][:max(strings.LastIndexByte(lines[1], '('), 0)]
				switch {
				case fn == "testing.(*T).Run" && strings.Contains(lines[0], "[chan receive"):
					runs++
				case strings.HasSuffix(fn, ".waitsAt"):
					waits++
				case strings.Contains(fn, "turnstile"):
					t.Error(s)
				}
			}
			runtime.Gosched()
		}
		close(c)
		want.Outcome(t, want.Text(runs, waits), "2 1")
	})
}

func TestManyGoroutines(t *testing.T) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	n := 0
	for range 100 {
		wg.Go(func() {
			mu.Lock()
			n++
			mu.Unlock()
		})
	}
	wg.Wait()
	want.Outcome(t, want.Text(n), "100")
}

func TestManyChannels(t *testing.T) { // a chain
	first := make(chan int)
	in := first
	for range 30 {
		out := make(chan int)
		go func(in chan int) { out <- 1 + <-in }(in)
		in = out
	}
	go func() { first <- 0 }()
	want.Outcome(t, want.Text(<-in), "30")
}

func TestLongRun(t *testing.T) { // more steps than a first limit
	c := make(chan int)
	go func() {
		for i := range 3000 {
			c <- i
		}
		close(c)
	}()
	n := 0
	for range c {
		n++
	}
	want.Outcome(t, want.Text(n), "3000")
}

func TestGenericWorker(t *testing.T) {
	out := parallel([]int{1, 2, 3}, func(v int) string { return strings.Repeat("x", v) })
	want.Outcome(t, want.Text(out), "[x xx xxx]")
}

func parallel[A, B any](in []A, f func(A) B) []B {
	out := make([]B, len(in))
	var wg sync.WaitGroup
	for i, v := range in {
		wg.Add(1)
		go func() {
			defer wg.Done()
			out[i] = f(v)
		}()
	}
	wg.Wait()
	return out
}

func TestLockOSThread(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	c := make(chan int)
	go func() { c <- 1 }()
	want.Outcome(t, want.Text(<-c), "1")
}
