package stage

import (
	"strings"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// where returns the position at which goroutine g is drawn on the stage of r at position pos.
func where(t *testing.T, r *scene.Recording, g int64, pos time.Duration, still bool) (x, y int) {
	t.Helper()
	sc := r.Scene(pos, 0)
	sc.Still = still
	c := cells.NewCanvas(77, 20)
	var sl Slider // a new one each time: the result must not depend on earlier frames
	l := sl.Draw(c, sc, cells.Area(0, 0, 77, 20), 0, r.Timeline.At)
	for i := range l.Tokens {
		if tok := &l.Tokens[i]; tok.G == g {
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
	tr := tuitest.NewTrace("main", "worker")
	tr.Object("gate", trace.ClassBarrier, 2, "")
	tr.After(time.Second).Arrive("worker", "gate", 0)
	r := scene.NewRecording()
	r.Add(tr.Events)
	g := tr.Gs["worker"]
	begin := r.Clock().End() - scene.GapTiny // the Arrive event
	from, _ := where(t, r, g, begin-time.Millisecond, false)
	to, _ := where(t, r, g, begin+2*SlideFor, false)
	if from >= to {
		t.Fatalf("the worker slides from %d to %d, which is not to the right", from, to)
	}
	last, between := from, 0
	for d := time.Duration(0); d <= SlideFor; d += time.Second / 30 {
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

// TestSlideThroughBurst checks that a sliding token does not jump when its destination changes.
func TestSlideThroughBurst(t *testing.T) {
	tr := tuitest.NewTrace("main", "ann", "ben")
	tr.Object("gate", trace.ClassBarrier, 2, "")
	tr.After(time.Second).Arrive("ann", "gate", 0).Do(trace.KindArrive, "ben", "gate", 1).Do(trace.KindTrip, "ben", "gate", 1).Wake("ann", "gate", "ben")
	r := scene.NewRecording()
	r.Add(tr.Events)
	var x0, y0 int
	for i, p := 0, 900*ms; p < r.Clock().End()+2*SlideFor; i, p = i+1, p+time.Second/60 {
		x, y := where(t, r, tr.Gs["ann"], p, false)
		if i > 0 && (x-x0 > 10 || x0-x > 10 || y-y0 > 3 || y0-y > 3) {
			t.Errorf("at %s ann jumps from %d,%d to %d,%d", p, x0, y0, x, y)
		}
		x0, y0 = x, y
	}
}

// Two sliding tokens that meet do not hide each other.
func TestTokensMakeWay(t *testing.T) {
	c := cells.NewCanvas(40, 9)
	sc := &scene.Scene{State: new(timeline.State)}
	l := &Layout{area: cells.Area(0, 0, 40, 9), Tokens: []Token{
		{G: 1, Obj: 1, X: 10, Y: 3, W: 14, H: 3, Name: "ann", Look: scene.LookRunning},
		{G: 2, Obj: 1, X: 24, Y: 3, W: 14, H: 3, Name: "ben", Look: scene.LookRunning},
	}}
	placesOf := func(x2 int) places {
		return places{at: map[tokenKey]cells.Point{{1, 1}: {X: 10, Y: 3}, {2, 1}: {X: x2, Y: 3}}}
	}
	l.drawTokens(c, sc, []step{{placesOf(24), 0}, {placesOf(10), 1}}) // ben is still at ann's place
	if s := c.String(); !strings.Contains(s, "ann") || !strings.Contains(s, "ben") {
		t.Errorf("a token is hidden:\n%s", s)
	}
}

// A sliding token moves around words, and around the notes of tokens at rest.
func TestTokensGoAroundWords(t *testing.T) {
	c := cells.NewCanvas(40, 9)
	sc := &scene.Scene{State: new(timeline.State)}
	l := &Layout{area: cells.Area(0, 0, 40, 9), Tokens: []Token{
		{G: 1, X: 1, Y: 6, W: 30, H: 1, Name: "main", note: "for ann", Look: scene.LookWaiting},
		{G: 2, Obj: 1, X: 30, Y: 4, W: 8, H: 1, Name: "ann", Look: scene.LookRunning},
		{G: 3, Obj: 1, X: 30, Y: 5, W: 8, H: 1, Name: "ben", Look: scene.LookRunning},
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

// Sliding tokens cover neither each other nor frames nor words.
func TestNothingCollides(t *testing.T) {
	tuitest.EachScenario(t, func(t *testing.T, r tuitest.Recording) {
		if r.Of.Real {
			return // it adds nothing to other scenarios
		}
		const most = 30
		rec := scene.NewRecording()
		if err := rec.Load(t.Context(), r.Events); err != nil {
			t.Fatal(err)
		}
		area := cells.Area(1, 1, 79, 21) // about the size of the stage on a screen of 120 × 36
		var sl Slider
		for i := range most {
			pos := rec.Clock().End() * time.Duration(i) / most
			sc := rec.Scene(pos, 0)
			l := sl.Draw(cells.NewCanvas(120, 36), sc, area, 0, rec.Timeline.At)
			flown := l.inFlight(sl.steps(sc, area, 0, rec.Timeline.At))
			for i := range flown {
				a := &flown[i]
				if a.Y < area.Y || a.Y >= area.Y+area.H || a.X < area.X {
					t.Errorf("%v: %s is off the stage", pos, a.Name)
				}
				for j := range flown[:i] {
					b := &flown[j]
					if overlaps(a.cover(cells.Point{X: a.X, Y: a.Y}), []cells.Rect{b.cover(cells.Point{X: b.X, Y: b.Y})}) {
						t.Errorf("%v: %s and %s collide", pos, a.Name, b.Name)
					}
				}
			}
		}
	})
}
