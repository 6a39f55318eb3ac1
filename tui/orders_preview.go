package tui

import (
	"context"
	"fmt"
	"slices"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/stage"
)

// A preview shows what has happened by each step of an order, also of those that were taken back.
type preview struct {
	m    *Moment     // the last that is known of the order, nil if none is
	reel *scene.Reel // nil: it has not been looked at yet
	log  log
}

// extend takes m into account, which may lie on the way to the moment that is known.
func (v *preview) extend(m *Moment) {
	if v.m == nil || len(m.Made) > len(v.m.Made) || !slices.Equal(m.Made, v.m.Made[:len(m.Made)]) {
		*v = preview{m: m}
	}
}

// after returns how many events there were after n steps.
func (m *Moment) after(n int) int {
	if n < len(m.Before) {
		return m.Before[n]
	}
	return len(m.Events)
}

// drawPreview draws what has happened by the step that is chosen in the table.
func (w *helm) drawPreview(c *cells.Canvas, r cells.Rect) {
	v := &w.preview
	if r.H == 0 || v.m == nil || v.m.Before == nil {
		return
	}
	if v.reel == nil {
		v.reel = evenReel(v.m.Events, w.seen)
	}
	title := "at the beginning"
	if w.at > 0 {
		title = fmt.Sprintf("after step %d", w.at)
	}
	drawMoment(c, r, title, v.reel, v.m.after(w.at), &v.log)
}

// evenReel returns a reel of events, with even steps.
func evenReel(events []trace.Event, seen []*timeline.Object) *scene.Reel {
	r := scene.NewReel()
	r.Even, r.Seen = true, seen
	_ = r.Load(context.Background(), events) // it fails only when the context ends
	return r
}

// leastBoth is how many lines there have to be for a stage and a log.
const leastBoth = 28

// drawMoment draws into r the stage after event n, and what led to it if l is not nil and there is room.
func drawMoment(c *cells.Canvas, r cells.Rect, title string, rl *scene.Reel, n int, l *log) {
	if r.H < 2 {
		return
	}
	heading(c, r, title, "", false)
	sc := rl.Scene(rl.Clock().PosOf(n), stage.SlideFor)
	sc.Still = true
	on := r.Lines(1, r.H-1)
	if l != nil && r.H >= leastBoth {
		h := r.H / 3
		on.H -= h
		l.draw(c, sc, &rl.Timeline, r.Lines(r.H-h, h), true, nil)
	}
	new(stage.Slider).Draw(c, sc, on, 0, nil)
}

// endOfShortest returns a reel of the shortest order, nil if there is none.
func (w *helm) endOfShortest() *scene.Reel {
	if w.shortest == nil || len(w.shortest.Events) == 0 {
		return nil
	}
	if w.shortestReel == nil {
		w.shortestReel = evenReel(w.shortest.Events, nil)
	}
	return w.shortestReel
}
