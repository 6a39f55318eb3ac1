package stage

import (
	"fmt"
	"slices"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// A Flight has a shelf for each key in flight: the goroutines that share the call are in front of it, and the goroutine that runs the
// function is behind it. Completed calls are below.
type flightPanel struct{ *subject }

func (p flightPanel) title() []string {
	parts := []string{"Flight", fmt.Sprintf("%d in flight", p.flying())}
	if p.o.Settled > 0 {
		parts = append(parts, fmt.Sprintf("%d completed", p.o.Settled))
	}
	return parts
}

// flying returns the number of calls in flight.
func (p flightPanel) flying() int { return len(p.o.Tasks) + len(p.o.Busy) }

// idle reports whether nothing is in flight.
func (p flightPanel) idle() bool { return p.flying() == 0 }

func (p flightPanel) row() (string, cells.Style, []group) {
	var run, share []seat
	for _, k := range p.calls() {
		run = append(run, k.tagged(k.runner())...)
		share = append(share, k.tagged(k.atGroup())...)
	}
	state := fmt.Sprintf("%d in flight", p.flying())
	return padded(state, len("10 in flight")), cells.StylePlain, []group{{sign: signInside, look: scene.LookRunning, seats: run}, {sign: signQueue, look: scene.LookWaiting, seats: share}}
}

func (p flightPanel) lay(r cells.Rect) {
	calls := p.calls()
	labelW := 5
	for _, k := range calls {
		labelW = max(labelW, cells.Width(k.label()))
	}
	f := p.floor(r, min(labelW, r.W/4)+4, 0)
	p.labelFrom(f, f.at, f.at.X+f.at.W, "share it   ")
	p.label(f, f.gate, "key")
	p.label(f, f.through, "runs it")
	if p.flying() == 0 && len(calls) == 0 {
		p.Center(f.gate, f.gate.H/2, "none", cells.StyleDim)
	}
	p.shelves(f, calls, func(k part, f floor) {
		y := f.line()
		p.Fit(f.gate.X, y, f.gate.W-2, k.label(), cells.StyleBright)
		k.seat(f.at, k.o.ID, k.atGroup(), seating{boxed: true, right: true, mid: true})
		switch at := cells.Area(f.through.X, y, f.through.W, 1); {
		case k.o.Progress > timeline.ProgressRunning:
			p.result(at, k.o)
		case k.o.Worker == 0:
			p.Text(at.X, y, cells.Truncate("begins", at.W), cells.StyleDim)
		default:
			p.Text(f.gate.X+f.gate.W-2, y, "→", cells.StyleDim)
			k.seat(f.through, k.o.ID, k.runner(), seating{boxed: true, mid: true})
		}
	})
	p.onTheWay(f)
}

// result draws the result of call o.
func (p flightPanel) result(r cells.Rect, o *timeline.Object) {
	mark, st := progressMark(o.Progress)
	x := p.Text(r.X, r.Y, mark+" ", st)
	p.Text(x, r.Y, wording.OutcomeIn(cells.Clean(o.Result), r.X+r.W-x), cells.StylePlain)
}

// runner returns the seat of the goroutine that runs the function of the call, if any.
func (k part) runner() []seat {
	if k.o.Worker == 0 || k.o.Progress > timeline.ProgressRunning {
		return nil
	}
	return []seat{{g: k.o.Worker, look: k.sc.Look(k.sc.State.Goroutine(k.o.Worker))}}
}

// maxLanded is the maximum number of completed calls shown below those in flight.
const maxLanded = 3

// calls returns the calls in flight, those whose result a goroutine is just getting, and the last completed ones.
func (p flightPanel) calls() []part {
	attended := p.attended()
	calls := p.partsThat(func(o *timeline.Object) bool { return o.Class == trace.ClassFuture })
	landed := 0
	for i, call := range slices.Backward(calls) {
		if o := call.o; o.Progress > timeline.ProgressRunning && !attended[o.ID] {
			if landed++; landed > maxLanded {
				calls = slices.Delete(calls, i, i+1)
			}
		}
	}
	return calls
}

func (p flightPanel) sentence() (string, cells.Style) {
	if p.flying() == 0 {
		return p.waiting(nil)
	}
	for _, k := range p.calls() {
		n := len(k.o.Queue)
		if k.o.Progress > timeline.ProgressRunning || n == 0 {
			continue
		}
		who := p.sc.Name(k.o.Queue[0]) + " waits for " + k.label()
		if n > 1 {
			who = wording.Number(n) + " share " + k.label()
		}
		if k.o.Worker != 0 {
			who += "; " + p.sc.Name(k.o.Worker) + " runs it"
		}
		return who, cells.StylePlain
	}
	return p.waiting(nil)
}
