package tui

import (
	"slices"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// Objects whose names differ in their numbers stand in the order of these in a recording, whichever was used first; in a program
// that runs, where not all are known, in the order in which they come.
func TestFamilies(t *testing.T) {
	tp := newTape("main")
	for _, name := range []string{"fork-10", "door", "fork-2", "table", "fork-1", "2"} {
		tp.object(name, trace.ClassMutex, 0, "")
	}
	tp.object("fork-0", trace.ClassEvent, 0, "")
	names := func(r *reel) string {
		var all []string
		for _, o := range r.all() {
			all = append(all, o.Name)
		}
		return strings.Join(all, " ")
	}
	recorded, live := newReel(), newReel()
	if err := recorded.load(t.Context(), tp.events); err != nil {
		t.Fatal(err)
	}
	live.add(tp.events)
	if got, want := names(recorded), "fork-1 door fork-2 table fork-10 2 fork-0"; got != want {
		t.Errorf("recorded: %s, want %s", got, want)
	}
	if got, want := names(live), "fork-10 door fork-2 table fork-1 2 fork-0"; got != want {
		t.Errorf("live: %s, want %s", got, want)
	}
}

// Where a deadlock is to be expected, there is room for the sentence about it before it is there.
func TestLargestCycle(t *testing.T) {
	for _, n := range []int{2, 5, 40} {
		r := newReel()
		if err := r.load(t.Context(), forksTape(n, true).events); err != nil {
			t.Fatal(err)
		}
		now := r.tl.Now()
		said := sentencesOf(now, now.Deadlocks())
		if got := largestCycle(now); len(said) != 1 || len(got) < len(strings.Split(said[0], "; because")[0]) {
			t.Errorf("%d forks: there is room for %q, and it is said %q", n, got, said)
		}
	}
}

// When the deadlock that is expected closes in a program that runs, nothing moves to make room for what is said of it.
func TestDeadlockMovesNothing(t *testing.T) {
	tp := forksTape(5, true)
	first := slices.IndexFunc(tp.events, func(ev trace.Event) bool { return ev.Kind == trace.KindAcquire })
	for _, size := range screenSizes {
		p := newPlayer("philosophers", 1, true)
		p.live, p.expects = true, "deadlock"
		p.add(tp.events[:first])
		var before []spot
		c := cells.NewCanvas(size.W, size.H)
		for i := first; i < len(tp.events); i++ {
			p.add(tp.events[i : i+1])
			p.seek(p.reel.clock().end())
			c.Reset(size.W, size.H)
			p.draw(c, "", cells.Plain)
			if moved(before, p.shown) {
				t.Errorf("%d×%d: something moves at event %d:\n%s", size.W, size.H, i+1, c)
			}
			before = slices.Clone(p.shown)
		}
		if !strings.Contains(c.String(), "deadlock: philosopher-1 holds") {
			t.Errorf("%d×%d: the deadlock is not told:\n%s", size.W, size.H, c)
		}
	}
}
