package tui

import (
	"slices"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/stage"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// looks calls f with the layout of the stage after each visible event of r, on a screen of w × h cells; if there are very many,
// only after some of them.
func looks(t *testing.T, r tuitest.Recording, w, h int, f func(n int, sc *scene.Scene, l *stage.Layout)) {
	t.Helper()
	most := 40
	if testing.Verbose() {
		most = 300
	}
	p := newPlayer(r.Of.Name, 1, true)
	if err := p.open(t.Context(), &Playback{Events: r.Events}); err != nil {
		t.Fatal(err)
	}
	area := planFor(w, h, p.needs(p.rec.Timeline.Now(), w, h)).stage
	for n := p.rec.Next(0); n > 0; n = p.rec.Next(n) {
		if p.rec.Len() > most && n%(p.rec.Len()/most) != 0 {
			continue
		}
		p.seek(p.rec.Clock().PosOf(n))
		sc := p.scene()
		f(sc.N, sc, stage.LayOut(sc, area, 0))
	}
}

// matters reports whether a goroutine waits for o or holds it.
func matters(s *timeline.State, o *timeline.Object) bool {
	return len(o.Queue) > 0 || len(o.Holders) > 0 && !o.Signals || o.Depth > 0 || len(o.Arrived) > 0 || o.Acting != 0 ||
		len(o.Busy) > 0 || len(o.Tasks) > 0 || len(s.AtEnd(o.ID, true)) > 0 || len(s.AtEnd(o.ID, false)) > 0
}

// hiddenOf returns the objects that goroutines wait for or hold but that l does not show.
func hiddenOf(sc *scene.Scene, l *stage.Layout) (names []string) {
	shown := slices.Concat(l.Spots, l.Asides)
	for _, o := range sc.State.Objects() {
		if scene.IsShown(o) && matters(sc.State, o) && !slices.ContainsFunc(shown, func(s stage.Spot) bool { return s.Obj == o.ID }) {
			names = append(names, sc.ObjectName(o.ID))
		}
	}
	return names
}

// lostOf returns the living goroutines that l neither shows nor counts.
func lostOf(sc *scene.Scene, l *stage.Layout) (names []string) {
	for _, g := range sc.State.Goroutines() {
		if g.Status != timeline.StatusEnded && !l.Counted[g.ID] && !slices.ContainsFunc(l.Tokens, func(t stage.Token) bool { return t.G == g.ID }) {
			names = append(names, sc.Name(g.ID))
		}
	}
	return names
}

// At no step of any scenario is an object hidden that is held or waited for, does a panel move, is a goroutine missing or shown
// with different looks, or is there a count of one. With -v, the test logs the number of each that it found.
func TestStageOfEachScenario(t *testing.T) {
	for _, size := range []cells.Rect{{W: 80, H: 24}, {W: 120, H: 36}, {W: 200, H: 60}} {
		runs, steps, hidden, moves, empty := 0, 0, 0, 0, 0
		tuitest.EachScenario(t, func(t *testing.T, r tuitest.Recording) {
			runs++
			var before []stage.Spot
			most, bare := 0, 0
			c := cells.NewCanvas(size.W, size.H)
			looks(t, r, size.W, size.H, func(n int, sc *scene.Scene, l *stage.Layout) {
				steps++
				names := hiddenOf(sc, l)
				if most = max(most, len(names)); len(names) > 0 && len(sc.Objects) <= 8 {
					t.Errorf("%d×%d, event %d: hidden: %s", size.W, size.H, n, strings.Join(names, ", "))
				}
				if shifted(before, l.Spots) {
					moves++
					t.Errorf("%d×%d, event %d: something moves from %v to %v", size.W, size.H, n, before, l.Spots)
				}
				if names := lostOf(sc, l); len(names) > 0 {
					t.Errorf("%d×%d, event %d: nowhere: %s", size.W, size.H, n, strings.Join(names, ", "))
				}
				for _, tok := range l.Tokens {
					if want := sc.Look(sc.State.Goroutine(tok.G)); tok.Look != want {
						t.Errorf("%d×%d, event %d: %s looks like %d at %d, and like %d elsewhere", size.W, size.H, n, tok.Name, tok.Look, tok.Obj, want)
					}
				}
				if size.W == 80 { // where there is least room
					c.Reset(size.W, size.H)
					l.DrawAtRest(c, sc)
					if s := c.String(); tuitest.CountOfOne.MatchString(s) {
						t.Errorf("%d×%d, event %d: a count of one:\n%s", size.W, size.H, n, s)
					}
				}
				if len(l.Spots)+len(l.Asides)+len(l.Tokens) == 0 && len(sc.State.Goroutines()) > 0 {
					bare++
					t.Errorf("%d×%d, event %d: the stage is empty", size.W, size.H, n)
				}
				before = l.Spots
			})
			hidden += most
			if bare > 0 {
				empty++
			}
		})
		t.Logf("%d×%d: %d scenarios, %d steps: %d objects hidden that are held or waited for, %d steps in which a panel moves, %d scenarios with an empty stage",
			size.W, size.H, runs, steps, hidden, moves, empty)
	}
}

// In a running program, too, nothing on the stage moves except when a new goroutine or object appears on the stage or makes the
// list wider.
func TestStageOfEachLiveRun(t *testing.T) {
	most := 40
	if testing.Verbose() {
		most = 300
	}
	steps := 0
	tuitest.EachScenario(t, func(t *testing.T, r tuitest.Recording) {
		for _, size := range []cells.Rect{{W: 80, H: 24}, {W: 120, H: 36}, {W: 200, H: 60}} {
			p := newPlayer(r.Of.Name, 1, true)
			p.live = true
			var before []stage.Spot
			goroutines, objects, list := 0, 0, 0
			every := max(1, len(r.Events)/most)
			for n := 0; n < len(r.Events); n += every {
				p.add(r.Events[n:min(n+every, len(r.Events))])
				p.seek(p.end())
				now := p.rec.Timeline.Now()
				area := planFor(size.W, size.H, p.needs(now, size.W, size.H)).stage
				l := stage.LayOut(p.scene(), area, 0)
				gs, objs, width := len(now.Goroutines()), len(p.rec.Objects()), listNeeds(now)
				if steps++; gs == goroutines && objs == objects && width == list && shifted(before, l.Spots) {
					t.Errorf("%d×%d, event %d: something moves from %v to %v", size.W, size.H, n, before, l.Spots)
				}
				before, goroutines, objects, list = l.Spots, gs, objs, width
			}
		}
	})
	t.Logf("%d steps", steps)
}

// shifted reports whether an object is at a different place in b than in a.
func shifted(a, b []stage.Spot) bool {
	for _, s := range a {
		if i := slices.IndexFunc(b, func(o stage.Spot) bool { return o.Obj == s.Obj }); i >= 0 && b[i] != s {
			return true
		}
	}
	return false
}
