package tracefile_test

import (
	"bytes"
	"runtime"
	"testing"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
)

// A trace that begins while goroutines wait can be read, though it does not contain what happened before.
func TestTraceThatBeginsLate(t *testing.T) {
	sem, weighted := sync2.NewSemaphore(1), sync2.NewSemaphore(3)
	sem.Acquire()
	if err := weighted.AcquireN(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	var mu sync2.Mutex
	mu.Lock()
	var rw sync2.RWMutex
	rw.Lock()
	var re sync2.ReentrantLock
	re.Lock()
	var ev sync2.Event
	var group sync2.WaitGroup
	group.Add(1)
	gate := sync2.NewBarrier(2)
	full, empty := sync2.NewQueue[int](1), sync2.NewQueue[int](1)
	full.Put(1)
	condLock := new(sync2.Mutex)
	cond := sync2.NewCond(condLock)

	late := []struct {
		wait    func()
		waiting func() int
		release func()
	}{
		{sem.Acquire, sem.Waiting, sem.Release},
		{func() { _ = weighted.AcquireN(t.Context(), 2) }, weighted.Waiting, func() { weighted.ReleaseN(3) }},
		{mu.Lock, mu.Waiting, mu.Unlock},
		{rw.RLock, rw.Waiting, rw.Unlock},
		{re.Lock, re.Waiting, re.Unlock},
		{func() { ev.Wait() }, ev.Waiting, ev.Set},
		{group.Wait, group.Waiting, group.Done},
		{func() { _, _ = gate.Wait() }, gate.Waiting, func() { _, _ = gate.Wait() }},
		{func() { full.Put(2) }, func() int { n, _ := full.Waiting(); return n }, func() { full.Get() }},
		{func() { empty.Get() }, func() int { _, n := empty.Waiting(); return n }, func() { empty.Put(1) }},
		{func() { condLock.Lock(); cond.Wait(); condLock.Unlock() }, cond.Waiting, func() { condLock.Lock(); cond.Broadcast(); condLock.Unlock() }},
	}
	var waiters []*sync2.Goroutine
	for _, l := range late {
		waiters = append(waiters, sync2.Go("late", l.wait))
		for l.waiting() == 0 {
			runtime.Gosched()
		}
	}
	var file bytes.Buffer
	w := tracefile.NewWriter(&file)
	if err := trace.Start(w); err != nil {
		t.Fatal(err)
	}
	for i, l := range late {
		l.release()
		waiters[i].Join()
	}
	trace.Stop()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	text := file.String()
	events, err := tracefile.Read(t.Context(), &file)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	n := 0
	for i := range events {
		if events[i].Kind == trace.KindAcquire && events[i].Peer == -1 {
			n++
		}
	}
	if n == 0 {
		t.Errorf("no permit was granted before the trace began in\n%s", text)
	}
}
