package tuitest

import (
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// AbortTrace is the trace of a barrier of four at which three goroutines arrive before it is aborted.
func AbortTrace() *Trace {
	t := NewTrace("main", "worker-1", "worker-2", "worker-3")
	t.Object("start-line", trace.ClassBarrier, 4, "")
	for i := range 3 {
		t.After(300*time.Millisecond).Arrive(fmt.Sprintf("worker-%d", i+1), "start-line", int64(i))
	}
	t.After(300*time.Millisecond).Say(trace.KindBreak, "main", "start-line", int64(trace.ReasonAborted), "order canceled")
	for i := range 3 {
		t.Wake(fmt.Sprintf("worker-%d", i+1), "start-line", "main")
	}
	for i := range 3 {
		t.Do(trace.KindExit, fmt.Sprintf("worker-%d", i+1), "", 0)
	}
	return t.Add(trace.Event{Kind: trace.KindEnd})
}

// SemaphoreTrace is the trace of a semaphore of two permits, for which two goroutines wait; one of them gets one.
func SemaphoreTrace() *Trace {
	t := NewTrace("main", "worker-1", "worker-2", "worker-3", "worker-4")
	t.Object("pool", trace.ClassSemaphore, 2, "")
	t.After(200*time.Millisecond).Do(trace.KindAcquire, "worker-1", "pool", 1)
	t.After(200*time.Millisecond).Do(trace.KindAcquire, "worker-2", "pool", 1)
	t.After(200*time.Millisecond).Block("worker-3", "pool", "Acquire", 1)
	t.After(200*time.Millisecond).Block("worker-4", "pool", "Acquire", 1)
	t.After(200*time.Millisecond).Do(trace.KindRelease, "worker-1", "pool", 1)
	t.Wake("worker-3", "pool", "worker-1").Do(trace.KindAcquire, "worker-3", "pool", 1).Do(trace.KindResume, "worker-3", "pool", 0)
	return t.After(time.Second).Add(trace.Event{Kind: trace.KindEnd})
}

// ThousandTrace is the trace of a thousand goroutines that wait for, hold and get one semaphore.
func ThousandTrace() *Trace {
	t := NewTrace("main")
	t.Object("pool", trace.ClassSemaphore, 100, "")
	for i := range 1000 {
		name := fmt.Sprintf("worker-%d", i)
		t.After(time.Millisecond)
		if i < 100 {
			t.Do(trace.KindAcquire, name, "pool", 1)
		} else {
			t.Block(name, "pool", "Acquire", 1)
		}
	}
	for i := range 900 {
		by, name := fmt.Sprintf("worker-%d", i), fmt.Sprintf("worker-%d", i+100)
		t.After(time.Millisecond).Do(trace.KindRelease, by, "pool", 1)
		t.Wake(name, "pool", by).Do(trace.KindAcquire, name, "pool", 1).Do(trace.KindResume, name, "pool", 0)
	}
	return t
}

// QueuedTrace is the trace of the given number of goroutines at a semaphore of 100 permits, which the first 100 hold.
func QueuedTrace(goroutines int) *Trace {
	t := NewTrace("main").Object("pool", trace.ClassSemaphore, 100, "")
	for i := range goroutines {
		if name := fmt.Sprintf("worker-%d", i); i < 100 {
			t.Do(trace.KindAcquire, name, "pool", 1)
		} else {
			t.Block(name, "pool", "Acquire", 1)
		}
	}
	return t
}

// ForksTrace is the trace of n dining philosophers, each of whom holds one fork and waits for the next, while main waits for the first
// philosopher. The last one waits for a fork only if closed is true.
func ForksTrace(n int, closed bool) *Trace {
	t := NewTrace("main")
	name := func(i int) string { return fmt.Sprintf("philosopher-%d", i%n+1) }
	fork := func(i int) string { return fmt.Sprintf("fork-%d", i%n+1) }
	for i := range n {
		t.Object(fork(i), trace.ClassMutex, 0, "")
	}
	for i := range n {
		t.G(name(i))
	}
	t.Objs["end"] = 99
	t.Add(trace.Event{Kind: trace.KindDefineObj, Obj: 99, Class: trace.ClassGoroutine, N: t.Gs[name(0)], Text: name(0)})
	for i := range n {
		t.After(100*time.Millisecond).Do(trace.KindAcquire, name(i), fork(i), 1)
	}
	t.Block("main", "end", "Join", 1)
	for i := range n {
		if i < n-1 || closed {
			t.After(100*time.Millisecond).Block(name(i), fork(i+1), "Lock", 1)
		}
	}
	return t.After(300 * time.Millisecond).Add(trace.Event{Kind: trace.KindEnd})
}
