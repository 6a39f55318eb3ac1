package anygo

import (
	"context"
	"expvar"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestNothingToChoose(t *testing.T) {
	t.Run("sub", func(t *testing.T) { t.Log("in a subtest") })
	if testing.Verbose() {
		t.Log("verbose")
	}
}

func TestSkipped(t *testing.T) { t.Skip("not here") }

// As long as there is one goroutine, pools are as ever.
func TestPool(t *testing.T) {
	p := sync.Pool{New: func() any { return new([64]byte) }}
	if n := testing.AllocsPerRun(100, func() { p.Put(p.Get()) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestVariablesArePutBack(t *testing.T) {
	if calls != 0 || len(Seen) != 0 {
		t.Fatalf("%d calls and %v are left of an earlier run", calls, Seen)
	}
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { Default.Add("x") })
	}
	wg.Wait()
	if n := Default.Add("x"); n != 3 {
		t.Fatalf("%d of 3", n)
	}
}

func TestDeadlock(t *testing.T) {
	var a, b sync.Mutex
	var wg sync.WaitGroup
	wg.Go(func() {
		a.Lock()
		b.Lock() // ab
		b.Unlock()
		a.Unlock()
	})
	wg.Go(func() {
		b.Lock()
		a.Lock() // ba
		a.Unlock()
		b.Unlock()
	})
	wg.Wait() // wait
}

func TestLostUpdate(t *testing.T) {
	var n atomic.Int64
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { n.Store(n.Load() + 1) })
	}
	wg.Wait()
	if n.Load() != 2 {
		t.Errorf("n is %d", n.Load()) // lost
	}
}

func TestSometimesLeaks(t *testing.T) {
	a, b := make(chan int), make(chan int, 1)
	go func() { a <- 1 }() // leaks
	go func() { b <- 1 }()
	select {
	case <-a:
	case <-b:
	}
}

// Another goroutine goes on for long after the test has ended, which fails all the same.
func TestLeaksWhileAnotherSleeps(t *testing.T) {
	a, b := make(chan int), make(chan int, 1)
	go func() { a <- 1 }() // left
	go func() { b <- 1 }()
	go time.Sleep(time.Minute) // the goroutine that goes on
	select {
	case <-a:
	case <-b:
	}
}

func TestAlwaysLeaks(t *testing.T) {
	c := make(chan int)
	go func() { c <- 1 }()
	go func() { c <- 2 }()
	<-c
}

// A goroutine that waits in functions of the standard library alone waits where it was started, also by the library.
func TestSometimesLeaksInLibrary(t *testing.T) {
	var stays, group sync.WaitGroup
	var ended atomic.Bool
	stays.Add(1)
	group.Go(stays.Wait) // in library
	go func() {
		if !ended.Load() {
			stays.Done()
		}
	}()
	ended.Store(true)
}

func TestAlwaysLeaksInLibrary(t *testing.T) {
	var stays, group sync.WaitGroup
	stays.Add(1)
	group.Go(stays.Wait) // always there
}

func TestClosed(t *testing.T) {
	c := make(chan int, 1)
	go close(c)
	c <- 1 // closed
}

func TestForEver(t *testing.T) {
	var ready, late atomic.Bool
	go func() {
		if !late.Load() {
			ready.Store(true)
		}
	}()
	late.Store(true)
	for !ready.Load() { // spins
	}
}

func TestSpins(t *testing.T) {
	var ready atomic.Bool
	go ready.Store(true)
	for !ready.Load() {
	}
}

// A loop reads n as often.
func loop(n *atomic.Int64, times int) {
	for range times {
		n.Load()
	}
}

// Every schedule is longer than TestAnyGoLong allows.
func TestLong(t *testing.T) {
	var n atomic.Int64
	go loop(&n, longLoop)
	loop(&n, longLoop)
}

const longLoop = 8_000

// It fails before it is given up, and comes to its end.
func TestLongAndFails(t *testing.T) {
	t.Error("it is wrong")
	TestLong(t)
}

// The default schedule is not that long, but others are.
func TestLongSometimes(t *testing.T) {
	var n, m atomic.Int64
	go func() {
		loop(&n, longLoop/4)
		if m.Load() == 0 { // the test has not come so far
			loop(&n, 2*longLoop)
		}
		n.Store(1)
	}()
	m.Store(1)
	for n.Load() == 0 {
	}
}

// No schedule ends, and without an explorer it does not either.
func TestForEverAnyway(t *testing.T) {
	var n atomic.Int64
	go loop(&n, 1)
	for n.Load() == 0 { // spins anyway
	}
}

// In the default schedule, another goroutine goes on after each 200 steps, and then the lock is always held: no schedule at random
// does that for long.
func TestShorterSchedules(t *testing.T) {
	var mu sync.Mutex
	var n atomic.Int64
	won, seen := false, uint32(0)
	go func() {
		for !mu.TryLock() {
			seen = busy(seen)
		}
		won = true
		mu.Unlock()
	}()
	loop(&n, 50)
	for ended := false; !ended; {
		mu.Lock()
		loop(&n, 98)
		ended = won
		mu.Unlock()
	}
}

// That goroutines go on for long is not the fault of a test that looks at the time.
func TestTooLate(t *testing.T) {
	began := time.Now()
	goOn()
	if d := time.Since(began); d > 2*time.Second {
		t.Errorf("it takes %v", d)
	}
}

// It is wrong, whatever the time is.
func TestLateAndWrong(t *testing.T) {
	goOn()
	t.Run("sub", func(*testing.T) {})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if ctx.Err() == nil {
		t.Error("wrong") // wrong
	}
}

// goOn goes on for 40,000 steps.
func goOn() {
	var n atomic.Int64
	done := make(chan bool)
	go func() {
		loop(&n, 20_000)
		close(done)
	}()
	loop(&n, 20_000)
	<-done
}

// busy takes a while.
func busy(n uint32) uint32 {
	for range 10_000 {
		n = n*1664525 + 1013904223
	}
	return n
}

func TestOwnTimeout(t *testing.T) {
	c := make(chan int)
	go func() { c <- 1 }()
	select {
	case <-c:
	case <-time.After(time.Second):
		t.Fatal("it takes too long")
	}
}

// Who has set a timer and is about to look at it is not late by a minute.
func TestTimerNobodyWaitsFor(t *testing.T) {
	c, started := make(chan int), make(chan bool)
	go func() {
		close(started)
		select {
		case <-c:
		case <-time.After(time.Minute):
		}
	}()
	<-started
	c <- 1
}

// A process that a test starts is not explored.
func TestChild(t *testing.T) {
	if os.Getenv("ANYGO_CHILD") != "" {
		panic("as it is to be")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestChild$")
	cmd.Env = append(os.Environ(), "ANYGO_CHILD=1")
	if err := cmd.Run(); err == nil {
		t.Error("the child has not failed")
	}
}

// What comes from outside takes its time, and the time of a run does not pass sooner.
func TestSlowChild(t *testing.T) {
	switch os.Getenv("ANYGO_SLOW") {
	case "":
		t.Skip("it takes long")
	case "child":
		time.Sleep(100 * time.Millisecond) // the child that is slow
		os.Exit(0)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestSlowChild$")
	cmd.Env = append(os.Environ(), "ANYGO_SLOW=child")
	ended := make(chan error)
	go func() { ended <- cmd.Run() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Error("it takes too long")
	}
}

// A process does not live for long after its tests.
func TestFailsLongAfter(t *testing.T) {
	started := make(chan bool)
	go func() {
		close(started)
		time.Sleep(time.Minute) // long after the test
		t.Error("it is still there")
	}()
	<-started
}

// What the standard library keeps is not put back.
func TestOnlyOnce(t *testing.T) {
	expvar.NewInt(t.Name())
	done := make(chan bool)
	go close(done)
	<-done
}

// What a test makes of a timeout that comes by far too early is its own affair.
func TestPanicsAfterTimeout(t *testing.T) {
	c := make(chan *int)
	go func() { c <- new(int) }()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var p *int
	select {
	case p = <-c:
	case <-ctx.Done():
		go func() { <-c }()
	}
	*p = 1
}

// A test itself is not late by a second.
func TestNotLate(t *testing.T) {
	c := make(chan int, 1)
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	go func() {
		for range ticker.C {
			select {
			case c <- 1:
			default:
				panic("the ticks come one after the other")
			}
		}
	}()
	for range 2 {
		<-c
	}
}

func TestTwoOwnTimeouts(t *testing.T) {
	for range 2 {
		c := make(chan int)
		go func() { c <- 1 }()
		select {
		case <-c:
		case <-time.After(time.Second):
			t.Fatal("it takes too long")
		}
	}
}

func TestOwnTimeoutThenPanic(t *testing.T) {
	c := make(chan int, 1)
	go func() { c <- 1 }()
	time.Sleep(time.Second) // until the goroutine has sent, or so it hopes
	var got []int
	select {
	case n := <-c:
		got = append(got, n)
	default:
		t.Error("it takes too long")
	}
	_ = got[0]
}

func TestOwnTimeoutThenDeadlock(t *testing.T) {
	c := make(chan int)
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { c <- 1 })
	select {
	case <-c:
	case <-time.After(time.Second):
		t.Fatal("it takes too long")
	}
}

func TestEarlyTimeoutLeaks(t *testing.T) {
	c := make(chan int)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	go func() { c <- 1 }() // abandoned
	select {
	case <-c:
	case <-ctx.Done():
	}
}

func TestTwoBugs(t *testing.T) {
	var mu sync.Mutex
	var n, m int
	var wg sync.WaitGroup
	wg.Go(func() { mu.Lock(); n++; mu.Unlock() })
	wg.Go(func() { mu.Lock(); m = n; mu.Unlock() })
	wg.Go(func() { mu.Lock(); m *= 2; mu.Unlock() })
	wg.Wait()
	switch m {
	case 0:
		t.Error("none") // none
	case 1:
		t.Error("one") // one
	}
}

func TestFailsAnyway(t *testing.T) { t.Error("always") } // always

func TestParallelSubtests(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	order := ""
	for _, name := range []string{"a", "b"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mu.Lock()
			defer mu.Unlock()
			if order += name; order == "ba" {
				t.Error("backwards") // backwards
			}
		})
	}
}

func TestFixtures(t *testing.T) {
	t.Setenv("ANYGO", "1")
	path := filepath.Join(t.TempDir(), "x")
	cleaned := make(chan bool, 1)
	t.Cleanup(func() { cleaned <- true })
	c := make(chan error)
	go func() { c <- os.WriteFile(path, nil, 0o600) }()
	if err := <-c; err != nil {
		t.Fatal(err)
	}
	go func() { <-t.Context().Done() }() // it ends with the test
}

type door struct{ open chan bool }

func (d *door) wait()       { <-d.open }
func (d *door) count(int)   { <-d.open }
func await[T any](c chan T) { <-c }

func TestNames(t *testing.T) {
	d := &door{make(chan bool)}
	var wg sync.WaitGroup
	wg.Go(d.wait)
	wg.Go(func() { <-d.open })
	go d.count(1)
	go d.wait()
	go await(d.open)
	go func(int) { <-d.open }(1) // literal
	ctx, cancel := context.WithCancel(t.Context())
	context.AfterFunc(ctx, func() { <-d.open })
	go cancel()
	time.AfterFunc(time.Minute, d.wait)
	t.Run("sub", func(t *testing.T) {
		t.Parallel()
		go func() { <-d.open }()
		<-d.open
	})
	wg.Wait()
}

func TestTickerGoesOn(t *testing.T) {
	c, full := make(chan int, 1), make(chan int)
	ticker := time.NewTicker(time.Nanosecond)
	go func() {
		c <- 1
		full <- 1 // ticks
	}()
	go func() {
		for range 3 {
			<-ticker.C
		}
	}()
	time.Sleep(time.Hour) // much longer than three ticks
	<-c
}

func TestForgottenTimerLeaks(t *testing.T) {
	c := make(chan int)
	go func() { c <- 1 }() // forgotten
	select {
	case <-c:
	case <-time.After(time.Second):
	}
}

func TestForgottenAfterFunc(t *testing.T) {
	c := make(chan int)
	time.AfterFunc(time.Millisecond, func() {
		close(c) // first
	})
	close(c) // second
}

// A hasty is a context that calls at once what it is to call after its end.
type hasty struct{ context.Context }

func (hasty) Done() <-chan struct{} { return make(chan struct{}) }
func (hasty) Err() error            { return context.Canceled }

func (hasty) AfterFunc(f func()) (stop func() bool) {
	started := make(chan bool)
	go func() {
		started <- true
		f() // waits for a lock of package context, of which a recording tells when the receiver goes on
	}()
	<-started
	return func() bool { return false }
}

func TestToldWhenReleased(t *testing.T) {
	_, cancel := context.WithCancel(hasty{context.Background()})
	defer cancel()
	t.Error("recorded") // recorded
}

// A goroutine that is left waiting for what comes from outside is not seen by the tests that follow.
func TestLeavesOneOutside(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	started := make(chan bool)
	go outside(r, w, started)
	<-started
}

func outside(r, w *os.File, started chan bool) {
	close(started)
	_, _ = r.Read(make([]byte, 1))
	_ = w.Close()
}

func TestSeesNoneOutside(t *testing.T) {
	all := make([]byte, 1<<16)
	if all = all[:runtime.Stack(all, true)]; strings.Contains(string(all), "example.com/anygo.outside(") {
		t.Errorf("the stacks are %s", all)
	}
}

// What a program sees of its stacks is its own.
func TestStacks(t *testing.T) {
	var pcs [16]uintptr
	if got := functions(pcs[:runtime.Callers(1, pcs[:])]); got != "example.com/anygo.TestStacks testing.tRunner runtime.goexit" {
		t.Errorf("the test is called by %s", got)
	}
	if _, _, _, ok := runtime.Caller(3); ok {
		t.Error("there is another frame")
	}
	own := make([]byte, 1<<12)
	own = own[:runtime.Stack(own, false)]
	parent, _, _ := strings.Cut(string(own), " [")
	if s := string(own); len(s) > 1024 || !strings.Contains(s, "\ntesting.tRunner(") || !strings.Contains(s, "\ncreated by testing.(*T).Run in goroutine ") {
		t.Errorf("the stack is %s", s)
	}
	done, seen := make(chan bool), make(chan string)
	go blocked(done)
	go func() {
		var pcs [16]uintptr
		seen <- functions(pcs[:runtime.Callers(1, pcs[:])])
	}()
	if got := <-seen; got != "example.com/anygo.TestStacks.func1 runtime.goexit" {
		t.Errorf("a goroutine is called by %s", got)
	}
	for range 10 {
		all := make([]byte, 1<<16)
		all = all[:runtime.Stack(all, true)]
		_, other, ok := strings.Cut(string(all), "example.com/anygo.blocked(")
		other, _, _ = strings.Cut(other, "\n\n")
		if ok && (strings.Count(other, "\n") > 4 || !strings.Contains(other, "\ncreated by example.com/anygo.TestStacks in "+parent+"\n")) {
			t.Errorf("the stack is %s", other)
		}
		runtime.Gosched()
	}
	close(done)
}

func blocked(done chan bool) { <-done }

// functions returns the names of functions.
func functions(pcs []uintptr) string {
	var names []string
	for frames := runtime.CallersFrames(pcs); ; {
		f, more := frames.Next()
		names = append(names, f.Function)
		if !more {
			return strings.Join(names, " ")
		}
	}
}

// What the runtime does is not what it would do where nobody explores.
func TestCountsAllocations(t *testing.T) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	wg.Go(func() { mu.Lock(); mu.Unlock() })
	if n := testing.AllocsPerRun(1, func() { mu.Lock(); mu.Unlock(); runtime.Gosched() }); n > 0 { // measured
		t.Errorf("%v allocations", n)
	}
	wg.Wait()
}

func TestCountsItsOwn(t *testing.T) {
	if n := testing.AllocsPerRun(1, func() { kept = new(int) }); n < 2 {
		t.Errorf("%v allocations", n)
	}
}

var kept *int

// What a test does depends on how often it was run, which the environment tells.
func TestDiffers(t *testing.T) {
	runs := os.Getenv("ANYGO_RUNS")
	os.Setenv("ANYGO_RUNS", runs+"x")
	var mu sync.RWMutex
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if len(runs)%2 == 0 {
				mu.Lock()
				defer mu.Unlock()
			} else {
				mu.RLock()
				defer mu.RUnlock()
			}
		})
	}
	wg.Wait()
}

// Under exploration goroutines are not locked to threads.
func TestLocksItsThread(t *testing.T) {
	done := make(chan bool)
	go func() {
		runtime.LockOSThread()
		var buf [64]byte
		done <- strings.Contains(string(buf[:runtime.Stack(buf[:], false)]), "locked to thread")
	}()
	if !<-done {
		t.Error("the stack does not say that the goroutine is locked")
	}
}

// Which goroutines have a lock in common depends on their numbers.
func TestChoosesByNumber(t *testing.T) {
	var mu [2]sync.Mutex
	n := 0
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			own := &mu[number(t)%2]
			own.Lock()
			n++
			own.Unlock()
		})
	}
	wg.Wait()
}

// number returns the number of the calling goroutine.
func number(t *testing.T) (n int) {
	buf := make([]byte, 64)
	if _, err := fmt.Sscanf(string(buf[:runtime.Stack(buf, false)]), "goroutine %d ", &n); err != nil {
		t.Error(err)
	}
	return n
}
