package scene

import (
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

func clockOf(even bool, events []trace.Event) *Clock {
	k := &Clock{Even: even}
	var s timeline.State
	for _, ev := range events {
		_ = s.Apply(ev)
		k.add(ev, s.Visible(&ev))
	}
	return k
}

func TestClockSpreadsBursts(t *testing.T) {
	tr := tuitest.NewTrace("a", "b", "c")
	tr.Object("e", trace.ClassEvent, 0, "")
	tr.After(time.Second).Block("a", "e", "Wait", 1).Block("b", "e", "Wait", 1)
	tr.Do(trace.KindSet, "c", "e", 2).Wake("a", "e", "c").Wake("b", "e", "c")
	tr.After(3*time.Second).Do(trace.KindClear, "c", "e", 0)
	k := clockOf(false, tr.Events)
	s := new(timeline.State)
	for _, ev := range tr.Events {
		_ = s.Apply(ev)
	}
	for i := 1; i < len(k.pos); i++ {
		gap := k.pos[i] - k.pos[i-1]
		if gap <= 0 {
			t.Errorf("event %d is not after the one before it", i+1)
		}
		if s.Visible(&tr.Events[i]) && gap < gapNote {
			t.Errorf("event %d (%s) is %s after the one before it: too short to see", i+1, tr.Events[i].Kind, gap)
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
	k := clockOf(true, tuitest.NewTrace("a").After(time.Hour).Do(trace.KindExit, "a", "", 0).Events)
	if got, want := k.End()-k.pos[len(k.pos)-2], GapEven; got != want {
		t.Errorf("with even steps an event takes %s, want %s", got, want)
	}
	if k.End() > time.Second {
		t.Errorf("with even steps recorded time matters: the end is at %s", k.End())
	}
}

func TestClockThereAndBack(t *testing.T) {
	for _, even := range []bool{false, true} {
		tr := tuitest.NewTrace("a", "b")
		tr.Object("m", trace.ClassMutex, 0, "")
		for range 50 {
			tr.After(3*time.Millisecond).Do(trace.KindAcquire, "a", "m", 1).Block("b", "m", "Lock", 1)
			tr.After(time.Second).Do(trace.KindRelease, "a", "m", 0).Wake("b", "m", "a").Do(trace.KindAcquire, "b", "m", 1).Do(trace.KindRelease, "b", "m", 0)
		}
		k := clockOf(even, tr.Events)
		last := time.Duration(-1)
		for p := time.Duration(0); p <= k.End()+time.Second; p += 7 * time.Millisecond {
			at := k.TimeAt(p)
			if at < last {
				t.Fatalf("even %t: time goes back from %s to %s at %s", even, last, at, p)
			}
			last = at
			if back := k.Place(at, len(k.pos)); p < k.End() && (at-k.TimeAt(back)).Abs() > time.Microsecond {
				t.Fatalf("even %t: it is %s at %s, but %s where it is looked for, at %s", even, at, p, k.TimeAt(back), back)
			}
		}
		for n := 1; n <= len(k.pos); n++ {
			if got := k.Count(k.PosOf(n)); got != n {
				t.Errorf("even %t: at the position of event %d there have been %d", even, n, got)
			}
			if got := k.TimeAt(k.PosOf(n)); got != k.at[n-1] {
				t.Errorf("even %t: at the position of event %d it is %s, want %s", even, n, got, k.at[n-1])
			}
		}
	}
}
