package tui

import (
	"slices"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/stage"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// If a deadlock is expected, space is reserved for its description.
func TestLargestCycle(t *testing.T) {
	for _, n := range []int{2, 5, 40} {
		r := scene.NewRecording()
		if err := r.Load(t.Context(), tuitest.ForksTrace(n, true).Events); err != nil {
			t.Fatal(err)
		}
		now := r.Timeline.Now()
		said := r.Scene(r.Clock().End(), 0).Deadlocks
		if got := largestCycle(now); len(said) != 1 || len(got) < len(strings.Split(said[0], "; because")[0]) {
			t.Errorf("%d forks: there is room for %q, but the description is %q", n, got, said)
		}
	}
}

// When a deadlock forms in a program that runs or is driven, nothing moves to make room for its description, whether it was
// expected or not.
func TestDeadlockMovesNothing(t *testing.T) {
	for _, n := range []int{2, 5} {
		tr := tuitest.ForksTrace(n, true)
		first := slices.IndexFunc(tr.Events, func(ev trace.Event) bool { return ev.Kind == trace.KindAcquire })
		for _, expects := range []string{"deadlock", ""} {
			for _, size := range screenSizes {
				want := "deadlock: philosopher-1 holds"
				switch {
				case size.W < 80 && expects == "": // there is no line for it on the stage; it is in the footer
					want = "✗ deadlock"
				case expects == "": // as many words as fit
					want = "✗ deadlock: "
				case size.W < 80 && n == 5: // there is no room to name the holders
					want = "deadlock: five goroutines wait"
				}
				live := newPlayer("philosophers", 1, true)
				live.live, live.expects = true, expects
				live.add(tr.Events[:first])
				holdsStill(t, live, size, want, len(tr.Events)-first, func(i int) { live.add(tr.Events[first+i : first+i+1]) })

				m := &model{ctx: t.Context(), cfg: new(Config)}
				driven := newPlayer("philosophers", 1, true)
				driven.expects, driven.driven, m.player = expects, &driveState{seen: knownOf(tr.Events[:first])}, driven
				holdsStill(t, driven, size, want, len(tr.Events)-first, func(i int) {
					m.moved(momentMsg{m: &Moment{Made: make([]int, i), Events: tr.Events[:first+i+1], Choices: []Choice{{G: 1, Name: "main", What: "Pause"}}}, back: true})
				})
			}
		}
	}
}

// knownOf returns the objects in events.
func knownOf(events []trace.Event) []*timeline.Object {
	r := scene.NewRecording()
	r.Add(events)
	return r.Objects()
}

// holdsStill fails the test if something moves in one of n steps, or if the last one does not describe the deadlock in the wanted
// words.
func holdsStill(t *testing.T, p *player, size cells.Rect, want string, n int, step func(i int)) {
	t.Helper()
	var before []stage.Spot
	c := cells.NewCanvas(size.W, size.H)
	for i := range n {
		step(i)
		p.seek(p.rec.Clock().End())
		c.Reset(size.W, size.H)
		p.draw(c, "", cells.StylePlain)
		if shifted(before, p.shown) {
			t.Errorf("%d×%d: something moves at step %d, from %v to %v:\n%s", size.W, size.H, i, before, p.shown, c)
		}
		before = slices.Clone(p.shown)
	}
	if !strings.Contains(c.String(), want) {
		t.Errorf("%d×%d: the deadlock is not described by %q:\n%s", size.W, size.H, want, c)
	}
}
