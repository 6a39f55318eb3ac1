package timeline

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// anyEvent draws events among few goroutines and objects. Most are inconsistent: the fold must be deterministic for
// such streams too.
func anyEvent(t *rapid.T) trace.Event {
	ev := trace.Event{
		Time: rapid.Int64Range(0, 1000).Draw(t, "time"),
		Kind: trace.Kind(rapid.Uint8Range(1, uint8(trace.KindOp)+2).Draw(t, "kind")),
		G:    rapid.Int64Range(0, 5).Draw(t, "g"),
		Obj:  trace.ID(rapid.Uint64Range(0, 6).Draw(t, "obj")),
		Peer: rapid.Int64Range(-1, 5).Draw(t, "peer"),
		N:    rapid.Int64Range(-1, 5).Draw(t, "n"),
		PC:   rapid.Uint64Range(0, 3).Draw(t, "pc"),
		Text: rapid.SampledFrom([]string{"", "Put", "Get", "x"}).Draw(t, "text"),
	}
	if ev.Kind == trace.KindDefineObj {
		ev.Class = trace.Class(rapid.Uint8Range(0, uint8(trace.ClassOther)+1).Draw(t, "class"))
	}
	return ev
}

// anyStream draws a stream of such events that begins with definitions, so that all classes take part.
func anyStream(t *rapid.T) []trace.Event {
	var events []trace.Event
	for i, c := range []trace.Class{trace.ClassQueue, trace.ClassSemaphore, trace.ClassBarrier, trace.ClassLocal, trace.ClassEvent, trace.ClassReentrantLock} {
		events = append(events, trace.Event{Kind: trace.KindDefineObj, Obj: trace.ID(i + 1), Class: c, N: int64(i % 3)})
	}
	events = append(events, rapid.SliceOfN(rapid.Custom(anyEvent), 1, 200).Draw(t, "events")...)
	for i := range events {
		events[i].Seq = uint64(i + 1)
	}
	return events
}

func TestSeekIsFolding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := anyStream(t)
		tl := &Timeline{every: rapid.IntRange(1, 50).Draw(t, "every")}
		states := []*State{new(State)} // by folding, with nothing shared
		for i := range events {
			_ = tl.Append(events[i])
			s := new(State)
			for _, ev := range events[:i+1] {
				_ = s.Apply(ev)
			}
			states = append(states, s)
		}
		c := tl.Cursor()
		for range rapid.IntRange(1, 30).Draw(t, "moves") {
			i := rapid.IntRange(0, len(events)).Draw(t, "to")
			switch rapid.IntRange(0, 3).Draw(t, "how") {
			case 0:
				c.Seek(i)
			case 1:
				c.Step(i - c.Position())
			case 2:
				c.Step(1)
				i = c.Position()
			case 3:
				s := tl.At(i)
				if !s.Equal(states[i]) {
					t.Fatalf("At(%d) is not the fold", i)
				}
				for _, ev := range events { // it is the caller's own
					_ = s.Apply(ev)
				}
				continue
			}
			if c.Position() != i || !c.State().Equal(states[i]) {
				t.Fatalf("the cursor at %d is not the fold of %d", c.Position(), i)
			}
		}
		if !tl.Now().Equal(states[len(events)]) {
			t.Fatal("Now is not the fold")
		}
	})
}

// A Timeline that starts with a State in the middle of a trace continues like that of the whole trace.
func TestStartGoesOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := anyStream(t)
		cut := rapid.IntRange(0, len(events)).Draw(t, "cut")
		whole := New(events...)
		tl := &Timeline{every: rapid.IntRange(1, 50).Draw(t, "every")}
		begin := whole.At(cut)
		tl.Start(begin)
		for _, ev := range events[cut:] {
			_ = tl.Append(ev)
			_ = begin.Apply(ev) // the caller's own again
		}
		c := tl.Cursor()
		for range 10 {
			i := rapid.IntRange(0, tl.Len()).Draw(t, "to")
			c.Seek(i)
			if want := whole.At(cut + i); !c.State().Equal(want) || !tl.At(i).Equal(want) {
				t.Fatalf("position %d is not position %d of the whole", i, cut+i)
			}
		}
		var sum Stats
		sum.Start(tl.At(0))
		for _, ev := range tl.Events() {
			sum.Add(ev)
		}
		if !sum.Now().Equal(whole.Now()) || !tl.Now().Equal(whole.Now()) {
			t.Fatal("the end is not that of the whole")
		}
		if tl.TimeAt(0) != whole.At(cut).Now() {
			t.Fatalf("it begins at %v, not at %v", tl.TimeAt(0), whole.At(cut).Now())
		}
		sum.Objects()
		sum.Goroutines()
		sum.Warnings(true)
	})
}

func TestCloneIsIndependent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := anyStream(t)
		cut := rapid.IntRange(0, len(events)).Draw(t, "cut")
		fold := func(events []trace.Event) *State {
			s := new(State)
			for _, ev := range events {
				_ = s.Apply(ev)
			}
			return s
		}
		a := fold(events[:cut])
		b := a.Clone()
		for _, ev := range events[cut:] {
			_ = a.Apply(ev)
		}
		if !b.Equal(fold(events[:cut])) {
			t.Fatal("the clone changed with its origin")
		}
		for _, ev := range slices.Backward(events) {
			_ = b.Apply(ev)
		}
		if !a.Equal(fold(events)) {
			t.Fatal("the origin changed with its clone")
		}
	})
}

func TestEqualTellsApart(t *testing.T) {
	events := pool(3, 200)
	tl := New(events...)
	for i := range events {
		if tl.At(i).Equal(tl.At(i + 1)) {
			t.Fatalf("the States before and after event %d are equal", i)
		}
	}
}

func TestPositions(t *testing.T) {
	tl := New(
		trace.Event{Seq: 1, Time: 0, Kind: trace.KindBegin},
		trace.Event{Seq: 2, Time: 10, Kind: trace.KindLog, G: 1},
		trace.Event{Seq: 3, Time: 10, Kind: trace.KindLog, G: 1},
		trace.Event{Seq: 4, Time: 30, Kind: trace.KindLog, G: 1},
	)
	for d, want := range map[time.Duration]int{-1: 0, 0: 1, 9: 1, 10: 3, 29: 3, 30: 4, 99: 4} {
		c := tl.Cursor()
		if c.SeekTime(d); c.Position() != want || tl.PositionAt(d) != want {
			t.Errorf("position at %d is %d, want %d", d, c.Position(), want)
		}
	}
	for i, want := range map[int]time.Duration{-5: 0, 0: 0, 1: 0, 2: 10, 4: 30, 9: 30} {
		if got := tl.TimeAt(i); got != want {
			t.Errorf("time at %d is %d, want %d", i, got, want)
		}
	}
	c := tl.Cursor()
	const most = int(^uint(0) >> 1)
	for _, m := range []struct{ step, moved, at int }{{-1, 0, 0}, {3, 3, 3}, {most, 1, 4}, {1, 0, 4}, {-2, -2, 2}, {-most - 1, -2, 0}, {0, 0, 0}} {
		if moved := c.Step(m.step); moved != m.moved || c.Position() != m.at || c.State().Last().Seq != uint64(m.at) {
			t.Errorf("Step(%d) moved %d to %d, want %d to %d", m.step, moved, c.Position(), m.moved, m.at)
		}
	}
}

func TestCursorWhileGrowing(t *testing.T) {
	events := pool(4, 500)
	tl := &Timeline{every: 16}
	c := tl.Cursor()
	for i, ev := range events {
		if err := tl.Append(ev); err != nil {
			t.Fatal(err)
		}
		if c.Step(1); c.Position() != i+1 || !c.State().Equal(tl.Now()) {
			t.Fatalf("the cursor at %d does not follow the end at %d", c.Position(), i+1)
		}
	}
}

func TestErrorsArePartOfTheTimeline(t *testing.T) {
	tl := New(
		trace.Event{Seq: 1, Kind: trace.KindBegin},
		trace.Event{Seq: 2, Kind: trace.KindLog, G: 1},
		trace.Event{Seq: 3, Kind: trace.KindUnblock, G: 1, Obj: 1},
	)
	errs := tl.Errors()
	if len(errs) != 1 || errs[0].Position != 3 || errs[0].Err.Error() != "timeline: event 3 (unblock): goroutine-1 does not wait for object-1" {
		t.Errorf("%v", errs)
	}
}

// pool returns about n events of goroutines that share a semaphore, ten locks and a queue.
func pool(goroutines, n int) []trace.Event {
	const permits, locks = 8, 10
	r := rand.New(rand.NewPCG(1, 2))
	var events []trace.Event
	emit := func(ev trace.Event) {
		ev.Seq = uint64(len(events) + 1)
		ev.Time = int64(len(events)) * 1000
		events = append(events, ev)
	}
	emit(trace.Event{Kind: trace.KindBegin, N: 1_760_000_000_000_000_000})
	for g := range goroutines {
		emit(trace.Event{Kind: trace.KindDefineG, G: int64(g + 1), Text: fmt.Sprintf("worker-%d", g+1)})
	}
	emit(trace.Event{Kind: trace.KindDefineObj, Obj: 1, Class: trace.ClassSemaphore, N: permits, Text: "pool"})
	for l := range locks {
		emit(trace.Event{Kind: trace.KindDefineObj, Obj: trace.ID(l + 2), Class: trace.ClassMutex, Text: fmt.Sprintf("lock-%d", l+1)})
	}
	emit(trace.Event{Kind: trace.KindDefineObj, Obj: 99, Class: trace.ClassQueue, Text: "done"})
	var idle, queue, in []int64
	for g := range goroutines {
		idle = append(idle, int64(g+1))
	}
	item := int64(0)
	for len(events) < n {
		if i := r.IntN(max(1, len(idle))); len(idle) > 0 && (len(in) == 0 || r.IntN(2) == 0) {
			g := idle[i]
			idle = slices.Delete(idle, i, i+1)
			if len(in) < permits {
				emit(trace.Event{Kind: trace.KindAcquire, G: g, Obj: 1, N: 1, PC: 7})
				in = append(in, g)
			} else {
				emit(trace.Event{Kind: trace.KindBlock, G: g, Obj: 1, N: 1, Text: "Acquire", PC: 7})
				queue = append(queue, g)
			}
			continue
		}
		i := r.IntN(len(in))
		g := in[i]
		in = slices.Delete(in, i, i+1)
		l := trace.ID(r.IntN(locks) + 2)
		emit(trace.Event{Kind: trace.KindAcquire, G: g, Obj: l, N: 1})
		item++
		emit(trace.Event{Kind: trace.KindPut, G: g, Obj: 99, N: item, Text: "x"})
		emit(trace.Event{Kind: trace.KindRelease, G: g, Obj: l})
		emit(trace.Event{Kind: trace.KindGet, G: g, Obj: 99, N: item})
		emit(trace.Event{Kind: trace.KindRelease, G: g, Obj: 1, N: 1, PC: 9})
		idle = append(idle, g)
		if len(queue) > 0 {
			w := queue[0]
			queue = queue[1:]
			emit(trace.Event{Kind: trace.KindUnblock, G: w, Obj: 1, Peer: g})
			emit(trace.Event{Kind: trace.KindAcquire, G: w, Obj: 1, N: 1})
			emit(trace.Event{Kind: trace.KindResume, G: w, Obj: 1})
			in = append(in, w)
		}
	}
	return events
}

func TestPoolIsPossible(t *testing.T) {
	if errs := New(pool(50, 20_000)...).Errors(); len(errs) > 0 {
		t.Error(errs[0].Err)
	}
}

func BenchmarkApply(b *testing.B) {
	for _, goroutines := range []int{10, 1000} {
		b.Run(fmt.Sprint(goroutines), func(b *testing.B) {
			events := pool(goroutines, 100_000)
			b.ReportAllocs()
			s, i := new(State), 0
			for b.Loop() {
				if i == len(events) {
					s, i = new(State), 0
				}
				if err := s.Apply(events[i]); err != nil {
					b.Fatal(err)
				}
				i++
			}
		})
	}
}

func BenchmarkClone(b *testing.B) {
	s := New(pool(1000, 100_000)...).Now()
	b.ReportAllocs()
	for b.Loop() {
		s.Clone()
	}
}

func BenchmarkSeek(b *testing.B) {
	const n = 1_000_000
	for _, goroutines := range []int{10, 1000, 100_000} {
		b.Run(fmt.Sprint(goroutines), func(b *testing.B) {
			events := pool(goroutines, n)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			tl := &Timeline{events: make([]trace.Event, 0, n)}
			for _, ev := range events {
				_ = tl.Append(ev)
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			runtime.KeepAlive(events)
			c := tl.Cursor()
			r := rand.New(rand.NewPCG(3, 4))
			var worst time.Duration
			for b.Loop() {
				began := time.Now()
				c.Seek(r.IntN(n))
				worst = max(worst, time.Since(began))
			}
			b.ReportMetric(float64(worst)/1e6, "worst-ms")
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6-float64(n)*104/1e6, "MB-beside-events")
		})
	}
}
