package tui

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A taken is the recording of one run of a scenario.
type taken struct {
	of     *scenarios.Scenario
	events []trace.Event
}

// sinkOf collects events.
type sinkOf struct {
	mu     sync.Mutex
	events []trace.Event
}

func (s *sinkOf) Event(ev trace.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, ev)
}

// record records a run of s: in a bubble at the pace for people, and where that cannot be without any pause.
func record(t *testing.T, s *scenarios.Scenario) taken {
	t.Helper()
	pace, run := "1", func(f func(*testing.T)) { synctest.Test(t, f) }
	if s.Real {
		pace, run = "0", func(f func(*testing.T)) { f(t) }
	}
	p, err := s.NewParams(map[string]string{"pace": pace})
	if err != nil {
		t.Fatal(err)
	}
	var sink sinkOf
	run(func(t *testing.T) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), 5*time.Second, errors.New("enough"))
		defer cancel()
		if err := trace.Start(&sink); err != nil {
			t.Fatal(err)
		}
		defer trace.Stop()
		var none *trace.Object
		none.Emit(trace.Event{Kind: trace.KindDefineG, Text: "main"})
		end := trace.Event{Kind: trace.KindExit}
		if err := s.Run(ctx, p); err != nil {
			end.N, end.Text = 1, err.Error()
		}
		none.Emit(end)
	})
	return taken{s, sink.events}
}

var recordings struct {
	sync.Once
	all []taken
}

// eachScenario calls f with a recording of each scenario, but those with a data race where that fails the test.
func eachScenario(t *testing.T, f func(t *testing.T, r taken)) {
	recordings.Do(func() {
		for _, s := range scenarios.All() {
			if underRace && s.Expect == scenarios.ExpectRace {
				continue
			}
			recordings.all = append(recordings.all, record(t, s))
		}
	})
	for _, r := range recordings.all {
		t.Run(r.of.Name, func(t *testing.T) { f(t, r) })
	}
}

// looks calls f with the layout of the stage after each event of r at which there is something to see, on a screen of
// w × h; after each of some of them only, if they are very many.
func looks(t *testing.T, r taken, w, h int, f func(n int, sc *scene, l *layout)) {
	t.Helper()
	most := 40
	if testing.Verbose() {
		most = 300
	}
	p := newPlayer(r.of.Name, 1, true)
	if err := p.open(t.Context(), &Playback{Events: r.events}); err != nil {
		t.Fatal(err)
	}
	area := planFor(w, h, p.needs(p.reel.tl.Now(), w, h)).stage
	for n := p.reel.next(0); n > 0; n = p.reel.next(n) {
		if p.reel.len() > most && n%(p.reel.len()/most) != 0 {
			continue
		}
		p.seek(p.reel.clock().posOf(n))
		sc := p.scene()
		f(sc.n, sc, layOut(sc, area, 0))
	}
}

// matters reports whether somebody waits for o, or holds it.
func matters(s *timeline.State, o *timeline.Object) bool {
	return len(o.Queue) > 0 || len(o.Holders) > 0 && !o.Signals || o.Depth > 0 || len(o.Arrived) > 0 || o.Acting != 0 ||
		len(o.Busy) > 0 || len(o.Tasks) > 0 || len(s.AtEnd(o.ID, true)) > 0 || len(s.AtEnd(o.ID, false)) > 0
}

// hiddenOf returns the objects that somebody waits for or holds and that l does not show.
func hiddenOf(sc *scene, l *layout) (names []string) {
	shown := slices.Concat(l.spots, l.asides)
	for _, o := range sc.s.Objects() {
		if hasPanel(o) && matters(sc.s, o) && !slices.ContainsFunc(shown, func(s spot) bool { return s.obj == o.ID }) {
			names = append(names, sc.objName(o.ID))
		}
	}
	return names
}

// lostOf returns the goroutines that have not ended and that l neither shows nor counts.
func lostOf(sc *scene, l *layout) (names []string) {
	for _, g := range sc.s.Goroutines() {
		if g.Status != timeline.StatusEnded && !l.crowds[g.ID] && !slices.ContainsFunc(l.tokens, func(t token) bool { return t.g == g.ID }) {
			names = append(names, sc.name(g.ID))
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
		eachScenario(t, func(t *testing.T, r taken) {
			runs++
			var before []spot
			most, bare := 0, 0
			c := cells.NewCanvas(size.W, size.H)
			looks(t, r, size.W, size.H, func(n int, sc *scene, l *layout) {
				steps++
				names := hiddenOf(sc, l)
				if most = max(most, len(names)); len(names) > 0 && len(sc.cast) <= 8 {
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
					if want := sc.look(sc.s.Goroutine(tok.g)); tok.look != want {
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
				if len(l.spots)+len(l.asides)+len(l.tokens) == 0 && len(sc.s.Goroutines()) > 0 {
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
	tp := newTape()
	var seats []seat
	for l := isEnded; l <= isFailed; l++ {
		for i := range int(l) {
			name := fmt.Sprintf("worker-%d-%d", l, i)
			seats = append(seats, seat{g: tp.g(name), look: l})
		}
	}
	sc := tp.still()
	for h := 1; h <= 8; h++ {
		st := &stage{sc: sc}
		area := cells.Area(0, 0, 60, h)
		st.crowd(area, 1, seats, seating{})
		c := cells.NewCanvas(60, h)
		st.Draw(c)
		st.drawTokens(c, sc, nil)
		for l := isEnded; l <= isFailed; l++ {
			if glyph, _ := glyphOf(l); !strings.Contains(c.String(), glyph) {
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
	eachScenario(t, func(t *testing.T, r taken) {
		for _, size := range []cells.Rect{{W: 80, H: 24}, {W: 120, H: 36}, {W: 200, H: 60}} {
			p := newPlayer(r.of.Name, 1, true)
			p.live = true
			var before []spot
			goroutines, objects, list := 0, 0, 0
			every := max(1, len(r.events)/most)
			for n := 0; n < len(r.events); n += every {
				p.add(r.events[n:min(n+every, len(r.events))])
				p.seek(p.end())
				now := p.reel.tl.Now()
				area := planFor(size.W, size.H, p.needs(now, size.W, size.H)).stage
				l := layOut(p.scene(), area, 0)
				gs, objs, width := len(now.Goroutines()), len(p.reel.all()), listNeeds(now)
				if steps++; gs == goroutines && objs == objects && width == list && moved(before, l.spots) {
					t.Errorf("%d×%d, event %d: something moves from %v to %v", size.W, size.H, n, before, l.spots)
				}
				before, goroutines, objects, list = l.spots, gs, objs, width
			}
		}
	})
	t.Logf("%d steps", steps)
}
