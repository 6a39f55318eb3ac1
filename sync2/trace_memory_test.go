package sync2_test

import (
	"context"
	"runtime"
	"sync"
	"testing"

	"github.com/turnstile-go/turnstile/internal/nightly"
	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// folded is a sink that keeps a State, and gives the events to a Recorder too.
type folded struct {
	state timeline.State
	*trace.Recorder
}

func (f *folded) Event(ev trace.Event) {
	_ = f.state.Apply(ev)
	f.Recorder.Event(ev)
}

// The memory of a trace does not grow with goroutines that have ended: neither with those started by Go and joined, nor
// with others that have used a primitive.
func TestTraceForgetsGoroutines(t *testing.T) {
	n := 1_000_000
	if testing.Short() || underRace { // under the race detector they take minutes
		n = nightly.Or(80_000, 200_000)
	}
	f := &folded{Recorder: trace.NewRecorder(1 << 12)}
	if err := trace.Start(f); err != nil {
		t.Fatal(err)
	}
	defer trace.Stop()
	var m sync2.Mutex
	some := func(n int) {
		for range n / 200 {
			var wg sync.WaitGroup
			var all []*sync2.Goroutine
			for range 100 {
				all = append(all, sync2.Go("some", func() { m.Lock(); m.Unlock() })) // it is the name that counts
				wg.Go(func() {
					if m.TryLock() {
						m.Unlock()
					}
				})
			}
			for _, g := range all {
				g.Join()
			}
			wg.Wait()
		}
	}
	some(n / 5)
	before := heapNow()
	some(4 * n / 5)
	grown := heapNow() - before
	t.Logf("%d B a goroutine; the State has %d goroutines and %d objects", grown/int64(4*n/5), len(f.state.Goroutines()), len(f.state.Objects()))
	if grown > 4<<20 {
		t.Errorf("%d goroutines left %d bytes", 4*n/5, grown)
	}
	if len(f.Events()) > 1<<14 {
		t.Errorf("the Recorder keeps %d events", len(f.Events()))
	}
	runtime.KeepAlive(f)
}

// Nor does it grow with settled futures, of tasks and of promises, or with groups after Wait.
func TestTraceForgetsFutures(t *testing.T) {
	n := nightly.Or(80_000, 300_000)
	if testing.Short() {
		n = 60_000
	}
	f := &folded{Recorder: trace.NewRecorder(1 << 12)}
	if err := trace.Start(f); err != nil {
		t.Fatal(err)
	}
	defer trace.Stop()
	e := sync2.NewExecutor(4)
	defer e.Shutdown()
	some := func(n int) {
		for range n / 10 {
			var all []*sync2.Future[int]
			for i := range 10 {
				all = append(all, sync2.Submit(e, func(context.Context) (int, error) { return i, nil }))
			}
			if _, _, err := sync2.WaitAll(t.Context(), all...); err != nil {
				t.Error(err)
			}
			for _, f := range all { // what counts is the way back to settled futures
				_, _ = f.Result()
			}
		}
	}
	some(n / 5)
	before := heapNow()
	some(4 * n / 5)
	grown := heapNow() - before
	t.Logf("%d B a future; the State has %d objects", grown/int64(4*n/5), len(f.state.Objects()))
	if grown > 4<<20 && !checkedMutexes { // go-deadlock remembers in which order locks were taken
		t.Errorf("%d futures left %d bytes", 4*n/5, grown)
	}
	if len(f.Events()) > 1<<14 {
		t.Errorf("the Recorder keeps %d events", len(f.Events()))
	}
	runtime.KeepAlive(f)
}

// heapNow returns the size of the heap in use.
func heapNow() int64 {
	runtime.GC()
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc)
}
