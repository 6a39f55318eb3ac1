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

// A preview shows the stage after each step of a schedule, including undone steps.
type preview struct {
	m   *Moment          // the last known moment of the schedule; nil if there is none
	rec *scene.Recording // nil: not made yet
	log log
}

// extend notes that m has been reached, which may be earlier in the known schedule.
func (v *preview) extend(m *Moment) {
	if v.m == nil || len(m.Made) > len(v.m.Made) || !slices.Equal(m.Made, v.m.Made[:len(m.Made)]) {
		*v = preview{m: m}
	}
}

// after returns the number of events after n steps.
func (m *Moment) after(n int) int {
	if n < len(m.Before) {
		return m.Before[n]
	}
	return len(m.Events)
}

// drawPreview draws the stage after the step under the cursor.
func (w *driveState) drawPreview(c *cells.Canvas, r cells.Rect) {
	v := &w.preview
	if r.H == 0 || v.m == nil || v.m.Before == nil {
		return
	}
	if v.rec == nil {
		v.rec = evenRecording(v.m.Events, w.seen)
	}
	drawMoment(c, r, afterStep(w.at), v.rec, v.m.after(w.at), &v.log)
}

// afterStep returns the title of the stage after n steps.
func afterStep(n int) string {
	if n == 0 {
		return "at the beginning"
	}
	return fmt.Sprintf("after step %d", n)
}

// evenRecording returns a recording of events, with even steps.
func evenRecording(events []trace.Event, seen []*timeline.Object) *scene.Recording {
	r := scene.NewRecording()
	r.Even, r.Seen = true, seen
	_ = r.Load(context.Background(), events) // it fails only when the context ends
	return r
}

// leastBoth is the least height at which there is room for a stage and a log.
const leastBoth = 28

// drawMoment draws the stage after event n into r, and the log up to it if l is not nil and there is room.
func drawMoment(c *cells.Canvas, r cells.Rect, title string, rec *scene.Recording, n int, l *log) {
	if r.H < 2 {
		return
	}
	heading(c, r, title, "", false)
	sc := rec.Scene(rec.Clock().PosOf(n), stage.SlideFor)
	sc.Still = true
	on := r.Lines(1, r.H-1)
	if l != nil && r.H >= leastBoth {
		h := r.H / 3
		on.H -= h
		l.draw(c, sc, &rec.Timeline, r.Lines(r.H-h, h), true, nil)
	}
	new(stage.Slider).Draw(c, sc, on, 0, nil)
}

// endOfShortest returns a recording of the shortest schedule; nil if there is none.
func (w *driveState) endOfShortest() *scene.Recording {
	if w.shortest == nil || len(w.shortest.Events) == 0 {
		return nil
	}
	if w.shortestRecording == nil {
		w.shortestRecording = evenRecording(w.shortest.Events, nil)
	}
	return w.shortestRecording
}
