package main

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

const manyEvents = 1_000_000

func timelineRows() []row {
	return []row{
		{part: "timeline", what: "fold 1,000,000 events, each", procs: []int{1}, goals: []goal{atMost(250, "ns")}, who: []contender{
			{name: "turnstile", take: func(int) sample { return foldAll() }},
		}},
		{part: "timeline", what: "seek in 1,000,000 events, the worst of 100", unit: "ms", procs: []int{1}, goals: []goal{atMost(16, "ms")}, who: []contender{
			{name: "turnstile", take: func(int) sample { return sample{Value: worstSeek(100), Bytes: -1} }},
		}},
	}
}

// foldAll makes a Timeline of a long trace. The sample is of each event.
func foldAll() sample {
	events := longTrace()
	runtime.GC()
	start := time.Now()
	tl := timeline.New(events...)
	took := time.Since(start)
	if errs := tl.Errors(); len(errs) > 0 {
		fatal(errs[0].Err)
	}
	return sample{Value: float64(took.Nanoseconds()) / manyEvents, Bytes: -1}
}

var longTimeline = sync.OnceValue(func() *timeline.Timeline { return timeline.New(longTrace()...) })

// worstSeek goes to the given number of places and returns how many milliseconds the longest way took.
func worstSeek(seeks int) float64 {
	c := longTimeline().Cursor()
	var worst time.Duration
	for range seeks {
		start := time.Now()
		c.Seek(rand.IntN(manyEvents))
		worst = max(worst, time.Since(start))
	}
	return worst.Seconds() * 1e3
}

// longTrace is of a thousand goroutines that take turns at a semaphore of a hundred permits, and at a lock for each.
var longTrace = sync.OnceValue(func() []trace.Event {
	const goroutines, permits = 1000, 100
	events := make([]trace.Event, 0, manyEvents+10)
	emit := func(kind trace.Kind, g int64, obj trace.ID, peer, n int64, text string) {
		i := len(events)
		events = append(events, trace.Event{Seq: uint64(i + 1), Time: int64(i) * 1000, Kind: kind, G: g, Obj: obj, Peer: peer, N: n, Text: text})
	}
	define := func(obj trace.ID, class trace.Class, n int64) {
		emit(trace.KindDefineObj, 0, obj, 0, n, "")
		events[len(events)-1].Class = class
	}
	emit(trace.KindBegin, 0, 0, 0, 0, "")
	define(1, trace.ClassSemaphore, permits)
	for l := range 10 {
		define(trace.ID(l+2), trace.ClassMutex, 0)
	}
	for g := range int64(goroutines) {
		emit(trace.KindDefineG, g+1, 0, 0, 0, fmt.Sprintf("worker-%d", g+1))
		if g < permits {
			emit(trace.KindAcquire, g+1, 1, 0, 1, "")
		} else {
			emit(trace.KindBlock, g+1, 1, 0, 1, "Acquire")
		}
	}
	for turn := int64(0); len(events) < manyEvents; turn++ {
		by, next, lock := turn%goroutines+1, (turn+permits)%goroutines+1, trace.ID(turn%10+2)
		emit(trace.KindAcquire, by, lock, 0, 1, "")
		emit(trace.KindRelease, by, lock, 0, 0, "")
		emit(trace.KindRelease, by, 1, 0, 1, "")
		emit(trace.KindUnblock, next, 1, by, 0, "")
		emit(trace.KindAcquire, next, 1, 0, 1, "")
		emit(trace.KindResume, next, 1, 0, 0, "")
		emit(trace.KindBlock, by, 1, 0, 1, "Acquire")
	}
	return events[:manyEvents]
})
