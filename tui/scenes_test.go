package tui

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// looks calls f with the layout of the stage after each event of r at which there is something to see, on a screen of
// w × h; after each of some of them only, if they are very many.
func looks(t *testing.T, r tuitest.Recording, w, h int, f func(n int, sc *scene.Scene, l *layout)) {
	t.Helper()
	most := 40
	if testing.Verbose() {
		most = 300
	}
	p := newPlayer(r.Of.Name, 1, true)
	if err := p.open(t.Context(), &Playback{Events: r.Events}); err != nil {
		t.Fatal(err)
	}
	area := planFor(w, h, p.needs(p.reel.Timeline.Now(), w, h)).stage
	for n := p.reel.Next(0); n > 0; n = p.reel.Next(n) {
		if p.reel.Len() > most && n%(p.reel.Len()/most) != 0 {
			continue
		}
		p.seek(p.reel.Clock().PosOf(n))
		sc := p.scene()
		f(sc.N, sc, layOut(sc, area, 0))
	}
}

// matters reports whether somebody waits for o, or holds it.
func matters(s *timeline.State, o *timeline.Object) bool {
	return len(o.Queue) > 0 || len(o.Holders) > 0 && !o.Signals || o.Depth > 0 || len(o.Arrived) > 0 || o.Acting != 0 ||
		len(o.Busy) > 0 || len(o.Tasks) > 0 || len(s.AtEnd(o.ID, true)) > 0 || len(s.AtEnd(o.ID, false)) > 0
}

// hiddenOf returns the objects that somebody waits for or holds and that l does not show.
func hiddenOf(sc *scene.Scene, l *layout) (names []string) {
	shown := slices.Concat(l.spots, l.asides)
	for _, o := range sc.State.Objects() {
		if scene.IsShown(o) && matters(sc.State, o) && !slices.ContainsFunc(shown, func(s spot) bool { return s.obj == o.ID }) {
			names = append(names, sc.ObjectName(o.ID))
		}
	}
	return names
}

// lostOf returns the goroutines that have not ended and that l neither shows nor counts.
func lostOf(sc *scene.Scene, l *layout) (names []string) {
	for _, g := range sc.State.Goroutines() {
		if g.Status != timeline.StatusEnded && !l.crowds[g.ID] && !slices.ContainsFunc(l.tokens, func(t token) bool { return t.g == g.ID }) {
			names = append(names, sc.Name(g.ID))
		}
	}
	return names
}

var countOfOne = regexp.MustCompile(`×1\b`)

// In no step of any scenario an object is hidden that is held or waited for, a panel moves, a goroutine gets lost or looks
// like one thing here and another there, or is there a count of one. With -v the test tells how many there would have been.
func TestStageOfEachScenario(t *testing.T) {
	for _, size := range []cells.Rect{{W: 80, H: 24}, {W: 120, H: 36}, {W: 200, H: 60}} {
		runs, steps, hidden, moves, empty := 0, 0, 0, 0, 0
		tuitest.EachScenario(t, func(t *testing.T, r tuitest.Recording) {
			runs++
			var before []spot
			most, bare := 0, 0
			c := cells.NewCanvas(size.W, size.H)
			looks(t, r, size.W, size.H, func(n int, sc *scene.Scene, l *layout) {
				steps++
				names := hiddenOf(sc, l)
				if most = max(most, len(names)); len(names) > 0 && len(sc.Cast) <= 8 {
					t.Errorf("%d×%d, event %d: hidden: %s", size.W, size.H, n, strings.Join(names, ", "))
				}
				if moved(before, l.spots) {
					moves++
					t.Errorf("%d×%d, event %d: something moves from %v to %v", size.W, size.H, n, before, l.spots)
				}
				if names := lostOf(sc, l); len(names) > 0 {
					t.Errorf("%d×%d, event %d: nowhere: %s", size.W, size.H, n, strings.Join(names, ", "))
				}
				for _, tok := range l.tokens {
					if want := sc.Look(sc.State.Goroutine(tok.g)); tok.look != want {
						t.Errorf("%d×%d, event %d: %s looks like %d at %d, and like %d elsewhere", size.W, size.H, n, tok.name, tok.look, tok.obj, want)
					}
				}
				if size.W == 80 { // where there is the least room
					c.Reset(size.W, size.H)
					l.Draw(c)
					l.drawTokens(c, sc, nil)
					if s := c.String(); countOfOne.MatchString(s) {
						t.Errorf("%d×%d, event %d: a count of one:\n%s", size.W, size.H, n, s)
					}
				}
				if len(l.spots)+len(l.asides)+len(l.tokens) == 0 && len(sc.State.Goroutines()) > 0 {
					bare++
					t.Errorf("%d×%d, event %d: the stage is empty", size.W, size.H, n)
				}
				before = l.spots
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

// However little room there is for a crowd, each look in it is seen.
func TestCrowdShowsEachLook(t *testing.T) {
	tp := tuitest.NewTape()
	var seats []seat
	for l := scene.LookEnded; l <= scene.LookFailed; l++ {
		for i := range int(l) {
			name := fmt.Sprintf("worker-%d-%d", l, i)
			seats = append(seats, seat{g: tp.G(name), look: l})
		}
	}
	sc := stillOf(tp)
	for h := 1; h <= 8; h++ {
		st := &stage{sc: sc}
		area := cells.Area(0, 0, 60, h)
		st.crowd(area, 1, seats, seating{})
		c := cells.NewCanvas(60, h)
		st.Draw(c)
		st.drawTokens(c, sc, nil)
		for l := scene.LookEnded; l <= scene.LookFailed; l++ {
			if glyph, _ := scene.GlyphOf(l); !strings.Contains(c.String(), glyph) {
				t.Errorf("%d lines: no %s in\n%s", h, glyph, c.String())
			}
		}
	}
}

// In a program that runs, too, nothing on the stage moves but when a goroutine or an object is there for the first time: one on the
// stage, or one whose long name makes the list wider.
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
			var before []spot
			goroutines, objects, list := 0, 0, 0
			every := max(1, len(r.Events)/most)
			for n := 0; n < len(r.Events); n += every {
				p.add(r.Events[n:min(n+every, len(r.Events))])
				p.seek(p.end())
				now := p.reel.Timeline.Now()
				area := planFor(size.W, size.H, p.needs(now, size.W, size.H)).stage
				l := layOut(p.scene(), area, 0)
				gs, objs, width := len(now.Goroutines()), len(p.reel.Cast()), listNeeds(now)
				if steps++; gs == goroutines && objs == objects && width == list && moved(before, l.spots) {
					t.Errorf("%d×%d, event %d: something moves from %v to %v", size.W, size.H, n, before, l.spots)
				}
				before, goroutines, objects, list = l.spots, gs, objs, width
			}
		}
	})
	t.Logf("%d steps", steps)
}
