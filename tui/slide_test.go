package tui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// where returns where goroutine g is drawn on the stage of r at position pos.
func where(t *testing.T, r *scene.Reel, g int64, pos time.Duration, still bool) (x, y int) {
	t.Helper()
	sc := r.Scene(pos, 0)
	sc.Still = still
	c := cells.NewCanvas(77, 20)
	var sl slider // a new one each time: nothing depends on what was drawn before
	l := sl.drawStage(c, sc, cells.Area(0, 0, 77, 20), 0, r.Timeline.At)
	for i := range l.tokens {
		if tok := &l.tokens[i]; tok.g == g {
			var steps []step
			if !still {
				steps = sl.steps(sc, cells.Area(0, 0, 77, 20), 0, r.Timeline.At)
			}
			p := slid(tok, steps)
			return p.X, p.Y
		}
	}
	t.Fatalf("goroutine %d is not on the stage", g)
	return 0, 0
}

func TestSlide(t *testing.T) {
	tp := tuitest.NewTape("main", "worker")
	tp.Object("gate", trace.ClassBarrier, 2, "")
	tp.After(time.Second).Arrive("worker", "gate", 0)
	r := scene.NewReel()
	r.Add(tp.Events)
	g := tp.Gs["worker"]
	begin := r.Clock().End() - scene.GapTiny // the Arrive
	from, _ := where(t, r, g, begin-time.Millisecond, false)
	to, _ := where(t, r, g, begin+2*slideFor, false)
	if from >= to {
		t.Fatalf("the worker slides from %d to %d, which is not to the right", from, to)
	}
	last, between := from, 0
	for d := time.Duration(0); d <= slideFor; d += time.Second / 30 {
		x, _ := where(t, r, g, begin+d, false)
		if x < last {
			t.Errorf("%s after it arrived the worker goes back from %d to %d", d, last, x)
		}
		if x > from && x < to {
			between++
		}
		last = x
	}
	if between < 3 {
		t.Errorf("the worker was seen between the two places in %d frames only", between)
	}
	if x, _ := where(t, r, g, begin+time.Millisecond, true); x != to {
		t.Errorf("with reduced motion the worker is at %d, want %d at once", x, to)
	}
}

// TestSlideThroughBurst checks that a token that is moved again while it still slides does not jump.
func TestSlideThroughBurst(t *testing.T) {
	tp := tuitest.NewTape("main", "ann", "ben")
	tp.Object("gate", trace.ClassBarrier, 2, "")
	tp.After(time.Second).Arrive("ann", "gate", 0).Do(trace.KindArrive, "ben", "gate", 1).Do(trace.KindTrip, "ben", "gate", 1).Wake("ann", "gate", "ben")
	r := scene.NewReel()
	r.Add(tp.Events)
	var x0, y0 int
	for i, p := 0, 900*ms; p < r.Clock().End()+2*slideFor; i, p = i+1, p+time.Second/60 {
		x, y := where(t, r, tp.Gs["ann"], p, false)
		if i > 0 && (x-x0 > 10 || x0-x > 10 || y-y0 > 3 || y0-y > 3) {
			t.Errorf("at %s ann jumps from %d,%d to %d,%d", p, x0, y0, x, y)
		}
		x0, y0 = x, y
	}
}

// TestStepBack checks that a step back slides, too, and comes to rest where a seek would.
func TestStepBack(t *testing.T) {
	tp := abortTape()
	d := playback(t, tp, 120, 36)
	n := slices.IndexFunc(tp.Events, func(ev trace.Event) bool { return ev.Kind == trace.KindArrive && ev.G == tp.Gs["worker-3"] })
	p := d.m.player
	p.seek(p.reel.Clock().PosOf(n + 1))
	column := func() int {
		for line := range strings.Lines(d.screen()) {
			if before, _, ok := strings.Cut(line, "worker-3"); ok && cells.Width(before) < 78 { // on the stage
				return cells.Width(before)
			}
		}
		t.Fatal("worker-3 is not on the screen")
		return 0
	}
	there := column()
	p.step(false)
	if x := column(); x < there-2 || x > there { // without its box it may be nearer to the edge
		t.Errorf("a step back jumps from %d to %d", there, x)
	}
	p.advance(slideFor / 2)
	between := column()
	p.advance(slideFor)
	back := column()
	if back >= between || between >= there {
		t.Errorf("on a step back the token is at %d, %d and %d, want it to slide to the left", there, between, back)
	}
	rested := d.screen()
	p.seek(p.pos)
	if sought := d.screen(); sought != rested {
		t.Errorf("a step back leads to\n%s\nand a seek to\n%s", rested, sought)
	}
}

// Two tokens that meet on their way do not hide each other.
func TestTokensMakeWay(t *testing.T) {
	c := cells.NewCanvas(40, 9)
	sc := &scene.Scene{State: new(timeline.State)}
	l := &layout{area: cells.Area(0, 0, 40, 9), tokens: []token{
		{g: 1, obj: 1, x: 10, y: 3, w: 14, h: 3, name: "ann", look: scene.LookRunning},
		{g: 2, obj: 1, x: 24, y: 3, w: 14, h: 3, name: "ben", look: scene.LookRunning},
	}}
	placesOf := func(x2 int) places {
		return places{at: map[tokenKey]cells.Point{{1, 1}: {X: 10, Y: 3}, {2, 1}: {X: x2, Y: 3}}}
	}
	l.drawTokens(c, sc, []step{{placesOf(24), 0}, {placesOf(10), 1}}) // ben still is where ann stands
	if s := c.String(); !strings.Contains(s, "ann") || !strings.Contains(s, "ben") {
		t.Errorf("one is hidden:\n%s", s)
	}
}

// A token on its way goes past what is written, and past the notes of those that rest.
func TestTokensGoAroundWords(t *testing.T) {
	c := cells.NewCanvas(40, 9)
	sc := &scene.Scene{State: new(timeline.State)}
	l := &layout{area: cells.Area(0, 0, 40, 9), tokens: []token{
		{g: 1, x: 1, y: 6, w: 30, h: 1, name: "main", note: "for ann", look: scene.LookWaiting},
		{g: 2, obj: 1, x: 30, y: 4, w: 8, h: 1, name: "ann", look: scene.LookRunning},
		{g: 3, obj: 1, x: 30, y: 5, w: 8, h: 1, name: "ben", look: scene.LookRunning},
	}}
	l.words = append(l.words, cells.Area(2, 2, 7, 1))
	c.Text(2, 2, "a title", cells.StylePlain)
	then := places{at: map[tokenKey]cells.Point{{1, 0}: {X: 1, Y: 6}, {2, 1}: {X: 5, Y: 2}, {3, 1}: {X: 9, Y: 6}}}
	l.drawTokens(c, sc, []step{{then, 1}, {then, 0}})
	for _, want := range []string{"a title", "main for ann", "ann", "ben"} {
		if s := c.String(); !strings.Contains(s, want) {
			t.Errorf("%q is hidden:\n%s", want, s)
		}
	}
}

// When the playhead stops, at a pause or after a step, everything comes to rest within 150 ms.
func TestPauseLands(t *testing.T) {
	tp := abortTape()
	n := slices.IndexFunc(tp.Events, func(ev trace.Event) bool { return ev.Kind == trace.KindArrive && ev.G == tp.Gs["worker-3"] })
	for _, test := range []struct {
		what string
		stop func(p *player)
	}{
		{"a pause", func(p *player) {
			p.seek(p.reel.Clock().PosOf(n+1) - time.Millisecond)
			p.playing, p.ease = true, 0
			p.advance(40 * time.Millisecond)
			p.toggle()
		}},
		{"a step", func(p *player) {
			p.seek(p.reel.Clock().PosOf(n))
			p.step(true)
			p.advance(40 * time.Millisecond)
		}},
		{"a step back", func(p *player) {
			p.seek(p.reel.Clock().PosOf(n + 1))
			p.step(false)
			p.advance(40 * time.Millisecond)
		}},
	} {
		d := playback(t, tp, 120, 36)
		p := d.m.player
		test.stop(p)
		between := d.screen()
		for d := time.Duration(0); d < 150*time.Millisecond; d += 30 * time.Millisecond {
			p.advance(30 * time.Millisecond)
		}
		rested, moves := d.screen(), p.moving()
		p.seek(p.pos)
		if sought := d.screen(); rested != sought || moves {
			t.Errorf("150 ms after %s something moves (%v):\n%s\nwant\n%s", test.what, moves, rested, sought)
		}
		if rested == between {
			t.Errorf("%s: nothing was on its way:\n%s", test.what, between)
		}
	}
}

// Tokens on their way cover neither each other nor frames nor words.
func TestNothingCollides(t *testing.T) {
	tuitest.EachScenario(t, func(t *testing.T, r tuitest.Recording) {
		if r.Of.Real {
			return // it shows nothing that is not shown elsewhere
		}
		const most = 30
		p := newPlayer(r.Of.Name, 1, false)
		if err := p.open(t.Context(), &Playback{Events: r.Events}); err != nil {
			t.Fatal(err)
		}
		area := planFor(120, 36, p.needs(p.reel.Timeline.Now(), 120, 36)).stage
		for i := range most {
			p.seek(p.end() * time.Duration(i) / most)
			p.ease = 0
			sc := p.scene()
			l := p.slider.drawStage(cells.NewCanvas(120, 36), sc, area, 0, p.reel.Timeline.At)
			flown := l.inFlight(p.slider.steps(sc, area, 0, p.reel.Timeline.At))
			for i := range flown {
				a := &flown[i]
				if a.y < area.Y || a.y >= area.Y+area.H || a.x < area.X {
					t.Errorf("%v: %s is off the stage", p.pos, a.name)
				}
				for j := range flown[:i] {
					b := &flown[j]
					if overlaps(a.cover(cells.Point{X: a.x, Y: a.y}), []cells.Rect{b.cover(cells.Point{X: b.x, Y: b.y})}) {
						t.Errorf("%v: %s and %s collide", p.pos, a.name, b.name)
					}
				}
			}
		}
	})
}
