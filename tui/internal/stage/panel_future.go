package stage

import (
	"strings"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// A future that belongs to no executor is shown with its waiters and its result.
type futurePanel struct{ *subject }

func (p futurePanel) title() []string { return []string{"Future"} }

func (p futurePanel) row() (string, cells.Style, []group) {
	mark, style, text := p.progress()
	return padded(mark+" "+text, len("● in progress")), style, []group{{sign: signQueue, look: scene.LookWaiting, seats: p.queued()}}
}

func (p futurePanel) lay(r cells.Rect) {
	f := p.floor(r, 3, 0)
	p.label(f, f.through, "result")
	left := p.seat(f.at, p.o.ID, p.queued(), seating{boxed: true, right: true, mid: true})
	p.labelFrom(f, f.at, left, "waiting for it")
	mid := f.through.Y + f.through.H/2
	p.Text(f.gate.X+1, mid, "→", cells.StyleDim)
	mark, st, text := p.progress()
	p.Text(f.through.X, mid, mark, st)
	p.Text(f.through.X+2, mid, wording.OutcomeIn(text, f.through.W-2), cells.StylePlain)
	p.onTheWay(f)
}

// progress returns the progress of the future, as a sign and in words.
func (p futurePanel) progress() (mark string, st cells.Style, text string) {
	mark, st = progressMark(p.o.Progress)
	text = strings.TrimPrefix(cells.Clean(p.o.Result), "sync2: ")
	switch p.o.Progress {
	case timeline.ProgressRunning:
		mark, st, text = cells.GlyphRunning, cells.StyleRunning, "in progress"
	case timeline.ProgressPending:
		mark, st, text = cells.PermitUsed, cells.StyleDim, "pending"
	case timeline.ProgressCanceled:
		text = "canceled"
	default:
	}
	return mark, st, text
}

func (p futurePanel) sentence() (string, cells.Style) {
	s := wording.WaitWords(len(p.o.Queue))
	switch {
	case p.o.Progress == timeline.ProgressRunning && p.o.Worker != 0:
		s += "; " + p.sc.Name(p.o.Worker) + " runs it"
	case p.o.Progress <= timeline.ProgressRunning:
		s += p.who("settled it")
	}
	return s, cells.StyleDim
}
