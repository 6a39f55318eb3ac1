package tui

import (
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

func clockOf(even bool, events []trace.Event) *clock {
	k := &clock{even: even}
	var s timeline.State
	for _, ev := range events {
		_ = s.Apply(ev)
		k.add(ev, s.Tells(&ev))
	}
	return k
}

func TestClockSpreadsBursts(t *testing.T) {
	tp := newTape("a", "b", "c")
	tp.object("e", trace.ClassEvent, 0, "")
	tp.after(time.Second).block("a", "e", "Wait", 1).block("b", "e", "Wait", 1)
	tp.do(trace.KindSet, "c", "e", 2).wake("a", "e", "c").wake("b", "e", "c")
	tp.after(3*time.Second).do(trace.KindClear, "c", "e", 0)
	k := clockOf(false, tp.events)
	s := new(timeline.State)
	for _, ev := range tp.events {
		_ = s.Apply(ev)
	}
	for i := 1; i < len(k.pos); i++ {
		gap := k.pos[i] - k.pos[i-1]
		if gap <= 0 {
			t.Errorf("event %d is not after the one before it", i+1)
		}
		if s.Tells(&tp.events[i]) && gap < gapNote {
			t.Errorf("event %d (%s) is %s after the one before it: nobody sees it", i+1, tp.events[i].Kind, gap)
		}
		if k.pos[i] < k.at[i] {
			t.Errorf("event %d is shown at %s, before it happened at %s", i+1, k.pos[i], k.at[i])
		}
	}
	if last := len(k.pos) - 1; k.pos[last] != k.at[last] {
		t.Errorf("after a pause an event is shown at %s, want %s, when it happened", k.pos[last], k.at[last])
	}
}

func TestClockEven(t *testing.T) {
	k := clockOf(true, newTape("a").after(time.Hour).do(trace.KindExit, "a", "", 0).events)
	if got, want := k.end()-k.pos[len(k.pos)-2], gapEven; got != want {
		t.Errorf("with even steps an event takes %s, want %s", got, want)
	}
	if k.end() > time.Second {
		t.Errorf("with even steps recorded time counts: the end is at %s", k.end())
	}
}

func TestClockThereAndBack(t *testing.T) {
	for _, even := range []bool{false, true} {
		tp := newTape("a", "b")
		tp.object("m", trace.ClassMutex, 0, "")
		for range 50 {
			tp.after(3*ms).do(trace.KindAcquire, "a", "m", 1).block("b", "m", "Lock", 1)
			tp.after(time.Second).do(trace.KindRelease, "a", "m", 0).wake("b", "m", "a").do(trace.KindAcquire, "b", "m", 1).do(trace.KindRelease, "b", "m", 0)
		}
		k := clockOf(even, tp.events)
		last := time.Duration(-1)
		for p := time.Duration(0); p <= k.end()+time.Second; p += 7 * ms {
			at := k.timeAt(p)
			if at < last {
				t.Fatalf("even %t: time goes back from %s to %s at %s", even, last, at, p)
			}
			last = at
			if back := k.place(at, len(k.pos)); p < k.end() && (at-k.timeAt(back)).Abs() > time.Microsecond {
				t.Fatalf("even %t: it is %s at %s, but %s where it is looked for, at %s", even, at, p, k.timeAt(back), back)
			}
		}
		for n := 1; n <= len(k.pos); n++ {
			if got := k.count(k.posOf(n)); got != n {
				t.Errorf("even %t: at the position of event %d there have been %d", even, n, got)
			}
			if got := k.timeAt(k.posOf(n)); got != k.at[n-1] {
				t.Errorf("even %t: at the position of event %d it is %s, want %s", even, n, got, k.at[n-1])
			}
		}
	}
}
