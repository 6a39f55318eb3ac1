package tui

import (
	"slices"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/sync2/timeline"
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

// Where a deadlock is expected, there is room for the sentence about it before it is there.
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

// When a deadlock closes in a program that runs, or that the user drives, nothing moves to make room for what is said of it, whether
// it was expected or not.
func TestDeadlockMovesNothing(t *testing.T) {
	for _, n := range []int{2, 5} {
		tp := forksTape(n, true)
		first := slices.IndexFunc(tp.events, func(ev trace.Event) bool { return ev.Kind == trace.KindAcquire })
		for _, expects := range []string{"deadlock", ""} {
			for _, size := range screenSizes {
				want := "deadlock: philosopher-1 holds"
				switch {
				case size.W < 80 && expects == "": // there is no line for it on the stage: the footer says it
					want = "✗ deadlock"
				case expects == "": // in as many words as there is room for
					want = "✗ deadlock: "
				case size.W < 80 && n == 5: // there is no room for who holds what
					want = "deadlock: five goroutines wait"
				}
				live := newPlayer("philosophers", 1, true)
				live.live, live.expects = true, expects
				live.add(tp.events[:first])
				holdsStill(t, live, size, want, len(tp.events)-first, func(i int) { live.add(tp.events[first+i : first+i+1]) })

				m := &model{ctx: t.Context(), cfg: new(Config)}
				driven := newPlayer("philosophers", 1, true)
				driven.expects, driven.helm, m.player = expects, &helm{seen: knownOf(tp.events[:first])}, driven
				holdsStill(t, driven, size, want, len(tp.events)-first, func(i int) {
					m.moved(momentMsg{m: &Moment{Made: make([]int, i), Events: tp.events[:first+i+1], Choices: []Choice{{G: 1, Name: "main", What: "Pause"}}}, back: true})
				})
			}
		}
	}
}

// knownOf returns the objects of events.
func knownOf(events []trace.Event) []*timeline.Object {
	r := newReel()
	r.add(events)
	return r.all()
}

// holdsStill fails the test if something moves in one of n steps, or the last one does not tell of the deadlock in the wanted words.
func holdsStill(t *testing.T, p *player, size cells.Rect, want string, n int, step func(i int)) {
	t.Helper()
	var before []spot
	c := cells.NewCanvas(size.W, size.H)
	for i := range n {
		step(i)
		p.seek(p.reel.clock().end())
		c.Reset(size.W, size.H)
		p.draw(c, "", cells.StylePlain)
		if moved(before, p.shown) {
			t.Errorf("%d×%d: something moves at step %d, from %v to %v:\n%s", size.W, size.H, i, before, p.shown, c)
		}
		before = slices.Clone(p.shown)
	}
	if !strings.Contains(c.String(), want) {
		t.Errorf("%d×%d: the deadlock is not told by %q:\n%s", size.W, size.H, want, c)
	}
}
