package tui

import (
	"context"
	"fmt"
	"math"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// A pair is two recordings side by side, which play in step, by visible events.
type pair struct {
	sides [2]*player
	ns    [2][]int // the visible events
	alike int      // the number of events at the start that are the same in both
	at    int      // the position: the number of events that have happened

	playing bool
	rest    time.Duration // the time until the next one
	speed   float64
	buttons []button
}

// newPair returns a pair of recordings, positioned where they begin to differ.
func newPair(ctx context.Context, recordings [2]*Playback, still bool) (*pair, error) {
	d, err := timeline.Diff(ctx, recordings[0].Events, recordings[1].Events)
	if err != nil {
		return nil, err // the cause of ctx
	}
	pr := &pair{ns: [2][]int{d.EventsA, d.EventsB}, alike: d.Alike, speed: 1}
	for i, pb := range recordings {
		p := newPlayer(pb.Title, 1, still)
		if err := p.open(ctx, pb); err != nil {
			return nil, err
		}
		p.playing = false
		pr.sides[i] = p
	}
	pr.goTo(d.Alike, false)
	return pr, nil
}

// goTo moves to visible event n; slide animates it.
func (pr *pair) goTo(n int, slide bool) {
	was := pr.at
	pr.at = cells.Clamp(n, 0, max(len(pr.ns[0]), len(pr.ns[1])))
	for i, p := range pr.sides {
		k := p.rec.Clock()
		event := 0
		if j := min(pr.at, len(pr.ns[i])); j > 0 {
			event = pr.ns[i][j-1]
		}
		moved := min(pr.at, len(pr.ns[i])) != min(was, len(pr.ns[i]))
		p.seek(k.PosOf(event))
		if pr.at >= len(pr.ns[i]) {
			p.seek(p.end())
		}
		if slide && moved {
			p.ease, p.easing = 0, true
			if n < was {
				p.back = pr.ns[i][min(was, len(pr.ns[i]))-1]
			}
		}
	}
}

// press handles a key.
func (pr *pair) press(k tea.KeyPressMsg) {
	b := &bindings
	switch {
	case key.Matches(k, b.pause):
		if pr.playing = !pr.playing; pr.playing && pr.atEnd() {
			pr.goTo(0, false)
		}
		pr.rest = scene.GapEven
	case key.Matches(k, b.forth, b.down):
		pr.playing = false
		pr.goTo(pr.at+1, true)
	case key.Matches(k, b.back, b.up):
		pr.playing = false
		pr.goTo(pr.at-1, true)
	case key.Matches(k, b.first):
		pr.goTo(0, false)
	case key.Matches(k, b.last):
		pr.goTo(max(len(pr.ns[0]), len(pr.ns[1])), false)
	case key.Matches(k, b.toMark, b.nextTrouble, b.troubleBefore):
		pr.playing = false
		pr.goTo(pr.alike, false)
	case key.Matches(k, b.faster):
		pr.speed = min(pr.speed*2, 64)
	case key.Matches(k, b.slower):
		pr.speed = max(pr.speed/2, 0.125)
	}
}

// atEnd reports whether both recordings have been played to their ends.
func (pr *pair) atEnd() bool { return pr.at >= max(len(pr.ns[0]), len(pr.ns[1])) }

// moving reports whether the screen changes by itself.
func (pr *pair) moving() bool { return pr.playing || pr.sides[0].easing || pr.sides[1].easing }

// advance advances the pair by dt of real time. Playback pauses where the recordings begin to differ.
func (pr *pair) advance(dt time.Duration) {
	for _, p := range pr.sides {
		p.advance(dt)
	}
	if !pr.playing {
		return
	}
	if pr.rest -= time.Duration(float64(dt) * pr.speed); pr.rest > 0 {
		return
	}
	pr.rest = scene.GapEven
	pr.goTo(pr.at+1, true)
	if pr.atEnd() || pr.at == pr.alike {
		pr.playing = false
	}
}

// differ reports whether the recordings differ at all.
func (pr *pair) differ() bool { return pr.alike < len(pr.ns[0]) || pr.alike < len(pr.ns[1]) }

// draw draws both recordings on all of c.
func (pr *pair) draw(c *cells.Canvas) {
	all := cells.Area(0, 0, c.W, c.H)
	half := (c.W - 1) / 2
	pr.side(c, 0, cells.Area(0, 0, half, c.H-1))
	c.Column(half, 0, c.H-1, "│", cells.StyleLine)
	pr.side(c, 1, cells.Area(half+1, 0, c.W-half-1, c.H-1))
	keys := []keyHelp{{"←→", "step both"}, {"'", "to the difference"}, {"space", "play"}, {"home end", "first, last"}, {"?", "help"}, {"q", "quit"}}
	if pr.playing {
		keys[2].what = "pause"
	}
	text, st := fmt.Sprintf("alike so far; they differ after %s", wording.Plural(pr.alike, "event")), cells.StyleRunning|cells.StyleBold
	switch {
	case !pr.differ():
		text = fmt.Sprintf("%s alike in all %s", cells.GlyphEnded, wording.Plural(pr.alike, "event"))
	case pr.at == pr.alike:
		text, st = fmt.Sprintf("they differ from here on, after %s", wording.Plural(pr.alike, "event")), cells.StyleWaiting|cells.StyleBold
	case pr.at > pr.alike:
		text, st = fmt.Sprintf("%s %s since they began to differ", cells.GlyphTrouble, wording.Plural(pr.at-pr.alike, "event")), cells.StyleTrouble|cells.StyleBold
	}
	pr.buttons = footer(c, all.Row(c.H-1), keys, text, st)
}

// side draws recording i into r: its name, its stage, and the events around the playhead.
func (pr *pair) side(c *cells.Canvas, i int, r cells.Rect) {
	p := pr.sides[i]
	sc := p.scene()
	head := r.Row(0)
	c.Tint(head, cells.StyleOnBar)
	place := fmt.Sprintf("%d/%d · %s", sc.N, p.rec.Len(), wording.Stamp(sc.Now, p.rec.Timeline.End()))
	c.Fit(head.X+1, head.Y, max(0, head.W-cells.Width(place)-4), cells.Clean(p.title), cells.StyleBright|cells.StyleBold)
	c.Right(head.X+head.W-1, head.Y, place, cells.StylePlain)
	logH := cells.Clamp((r.H-1)*2/5, 5, 24)
	stage := r.Lines(1, r.H-1-logH)
	restore := c.Within(r)
	p.slider.Draw(c, sc, stage, 0, p.rec.At)
	pr.log(c, i, sc, r.Lines(r.H-logH, logH))
	restore()
}

// lines returns the sentence of visible event j on side i, in lines of w columns.
func (pr *pair) lines(i, j, w int) []string {
	if j >= len(pr.ns[i]) {
		return nil
	}
	p := pr.sides[i]
	return cells.Wrap(p.log.sentence(&p.rec.Timeline, pr.ns[i][j]), w)
}

// height returns the number of lines event j takes. It is the same on both sides, so that equal events are side by side.
func (pr *pair) height(j, w int) int { return max(1, len(pr.lines(0, j, w)), len(pr.lines(1, j, w))) }

// after returns the number of lines the events after the playhead take, at most most. It is the same for both sides.
func (pr *pair) after(w, most int) int {
	n, ends := 0, 0
	for j := pr.at; n < most && j < max(len(pr.ns[0]), len(pr.ns[1])); j++ {
		n += pr.height(j, w)
	}
	if pr.at <= pr.alike && pr.differ() { // with a line that says so
		n++
	}
	for _, p := range pr.sides {
		if p.pos >= p.end() {
			ended, _ := p.verdict(p.scene(), math.MaxInt)
			ends = max(ends, len(cells.Wrap(ended, w)))
		}
	}
	return n + ends
}

// log draws the events around the playhead into r.
func (pr *pair) log(c *cells.Canvas, i int, sc *scene.Scene, r cells.Rect) {
	p := pr.sides[i]
	ended, st := p.verdict(sc, math.MaxInt) // there is no limit, since it is wrapped
	title := "events"
	if ended != "" {
		title = "ended"
	}
	heading(c, r, title, "", false)
	rows := r.H - 1
	w := (c.W-1)/2 - 3 // the same on both sides
	from := min(pr.at, len(pr.ns[i]))
	for before := rows - min(rows*2/5, pr.after(w, rows)); from > 0; from-- {
		if before -= pr.height(from-1, w); before < 0 {
			break
		}
	}
	y := r.Y + 1
	parts := func(j int) { // draws the line above the first event that differs
		if j == pr.alike && pr.differ() && y < r.Y+r.H {
			c.Repeat(r.X, y, r.W, "─", cells.StyleTrouble)
			c.Text(r.X+2, y, " they differ from here on ", cells.StyleTrouble|cells.StyleBold)
			y++
		}
	}
	for j := from; j < len(pr.ns[i]); j++ {
		if parts(j); y >= r.Y+r.H {
			return
		}
		style, mark := cells.StylePlain, " "
		switch {
		case j == pr.alike && pr.differ():
			style, mark = cells.StyleWaiting, cells.GlyphTrouble
		case j > pr.alike:
			style = cells.StyleWaiting
		}
		switch {
		case j == pr.at-1:
			style = style&^cells.StylePlain | cells.StyleBright | cells.StyleBold
			if j >= pr.alike {
				style = cells.StyleWaiting | cells.StyleBold
			}
			c.Tint(cells.Area(r.X, y, r.W, min(pr.height(j, w), r.Y+r.H-y)), cells.StyleOnSelected)
		case j >= pr.at && (j != pr.alike || !pr.differ()):
			style = cells.StyleDim
		}
		c.Text(r.X, y, mark, cells.StyleTrouble|cells.StyleBold)
		for k, s := range pr.lines(i, j, w) {
			if y+k < r.Y+r.H {
				c.Text(r.X+2, y+k, s, style)
			}
		}
		y += pr.height(j, w)
	}
	if from <= pr.alike {
		parts(len(pr.ns[i]))
	}
	for k, s := range cells.Wrap(ended, r.W-3) {
		if y+k < r.Y+r.H {
			c.Text(r.X+2, y+k, s, st)
		}
	}
}
