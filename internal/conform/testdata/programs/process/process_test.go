// Package process has what exists once in a process: TestMain, init, package variables and goroutines that are there
// before the first test.
package process

import (
	"flag"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"programs/want"
)

var (
	level   = flag.Int("level", 3, "a flag of the test binary")
	setup   string
	daemons = make(chan chan int)

	n      int
	atomN  atomic.Int64
	once   sync.Once
	mu     sync.Mutex
	cache  = map[string]int{"first": 1}
	list   []int
	syncM  sync.Map
	signal = make(chan int, 1)
	wg     sync.WaitGroup
	value  = sync.OnceValue(func() *int { n++; return &n })
	ptr    *int
	iface  any = 1
	fn         = func() int { return 1 }
	array  [4]struct {
		s string
		p *int
	}
)

func init() {
	go func() { // serves as long as the process lives
		for c := range daemons {
			c <- 7
		}
	}()
	go func() {
		for range time.Tick(time.Hour) {
		}
	}()
}

func TestMain(m *testing.M) {
	flag.Parse()
	setup = "set up"
	n = 10
	code := m.Run()
	if setup != "set up" {
		code = 3
	}
	os.Exit(code)
}

func TestMainRan(t *testing.T) { want.Outcome(t, want.Text(setup, *level), "set up 3") }

func TestDaemonServes(t *testing.T) {
	c := make(chan int, 1)
	select {
	case daemons <- c:
		want.Outcome(t, want.Text(<-c), "7")
	case <-time.After(10 * time.Second):
		t.Error("nobody serves")
	}
}

// The tests below see the variables as they were before the first of them. They change all, so that a second run of a
// test would fail if they were not put back; what they have changed they also put back at the end, for -count.

func TestVariablesNumber(t *testing.T) {
	want.Outcome(t, want.Text(n, atomN.Load()), "10 0")
	var w sync.WaitGroup
	w.Go(func() { atomN.Add(1) })
	n++
	w.Wait()
	t.Cleanup(func() { n--; atomN.Store(0) })
}

func TestVariablesLeftAlone(t *testing.T) { // changed, and not put back by the test
	var w sync.WaitGroup
	for i := range 2 {
		w.Go(func() {
			mu.Lock()
			list = append(list, i)
			cache["again"]++
			mu.Unlock()
			syncM.Store(i, i)
		})
	}
	w.Wait()
	if len(list)%2 != 0 {
		t.Errorf("list is %v", list)
	}
}

var explored = os.Getenv("TURNSTILE_TEST") != ""

func TestVariablesAreFresh(t *testing.T) { // in each of its runs
	var w sync.WaitGroup
	for i := range 2 {
		w.Go(func() {
			mu.Lock()
			list = append(list, i)
			cache["x"]++
			iface, ptr, fn = i, &i, func() int { return 2 + i }
			array[1].s, array[1].p = "s", &i
			mu.Unlock()
			once.Do(func() { signal <- 1 })
		})
	}
	w.Wait()
	if explored && (cache["x"] != 2 || len(signal) != 1) {
		t.Errorf("cache %v, signal %d: not as at the beginning", cache, len(signal))
	}
}

func TestVariablesLockedAtTheEnd(t *testing.T) { // a lock that a run leaves locked does not stop the next
	if !explored {
		t.Skip("once is enough")
	}
	var w sync.WaitGroup
	w.Go(func() { mu.Lock() })
	w.Wait()
}

func TestVariablesGroup(t *testing.T) {
	wg.Go(func() {})
	wg.Wait()
	want.Outcome(t, want.Text(*value() >= 10, value() == value()), "true true")
	n = 10
}
