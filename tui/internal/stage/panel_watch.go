package stage

import (
	"strconv"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// A Watch is a notice board with a value and its version. In front of it are the goroutines that wait for a newer version, each with
// the first version that ends its wait; behind it are those that have seen the latest.
type watchPanel struct{ *subject }

func (p watchPanel) title() []string { return []string{"Watch"} }

func (p watchPanel) version() string { return "version " + strconv.Itoa(p.o.Count) }

func (p watchPanel) row() (string, cells.Style, []group) {
	state := "v" + strconv.Itoa(p.o.Count)
	if p.o.Result != "" {
		state += " " + cells.Truncate(cells.Clean(p.o.Result), 16)
	}
	return padded(state, len("v10")), cells.StylePlain, []group{
		{sign: signQueue, look: scene.LookWaiting, seats: p.before()}, {sign: signThrough, look: scene.LookReleased, seats: living(p.throughSeats(nil))},
	}
}

// before returns the seats of the waiters, each with the first version that ends its wait.
func (p watchPanel) before() []seat {
	seats := p.queued()
	for i := range seats {
		if g := p.sc.State.Goroutine(seats[i].g); g != nil {
			seats[i].badge = "v" + strconv.FormatInt(max(g.Want, int64(p.o.Count))+1, 10)
		}
	}
	return seats
}

func (p watchPanel) lay(r cells.Rect) {
	value := cells.Clean(p.o.Result)
	gate := cells.Clamp(max(cells.Width(value), cells.Width(p.version())+2)+6, 16, max(16, r.W*30/100))
	f := p.floor(r, gate, 0)
	left := p.seat(f.at, p.o.ID, p.before(), seating{boxed: true, right: true, mid: true})
	p.labelFrom(f, f.at, left, "for a newer one")
	p.label(f, f.through, "has the latest")
	p.seat(f.through, p.o.ID, p.throughSeats(nil), seating{mid: true})
	p.board(f.gate)
	p.onTheWay(f)
}

// board draws the value below its version. A value that was just set is bright.
func (p watchPanel) board(r cells.Rect) {
	value, st := cells.Clean(p.o.Result), cells.StylePlain
	if p.o.Result == "" {
		value, st = "unknown", cells.StyleDim
	}
	if len(p.o.Passed) > 0 || p.sc.Fresh(p.o.Touched) {
		st |= cells.StyleBold
	}
	r = cells.Area(r.X+1, r.Y, r.W-2, r.H)
	if r.H < 3 {
		p.Center(r, r.H/2, "v"+strconv.Itoa(p.o.Count)+" "+value, st)
		return
	}
	box := r.Lines((r.H-min(r.H, 5))/2, min(r.H, 5))
	p.Frame(box, cells.Round, cells.StyleAccent)
	p.Center(box, 0, " "+p.version()+" ", cells.StyleAccent|cells.StyleBold)
	in := box.Inset()
	lines := cells.Wrap(value, in.W)
	if len(lines) > in.H {
		lines = lines[:in.H]
		lines[in.H-1] = cells.Truncate(lines[in.H-1]+" …", in.W)
	}
	for i, l := range lines {
		p.Center(in, (in.H-len(lines))/2+i, l, st)
	}
}

func (p watchPanel) sentence() (string, cells.Style) {
	ahead := 0
	for _, id := range p.o.Queue {
		if g := p.sc.State.Goroutine(id); g != nil && g.Status == timeline.StatusWaiting && g.Want > int64(p.o.Count) {
			ahead++
		}
	}
	switch n := len(p.o.Queue); {
	case n == 0:
		return "no waiters", cells.StyleDim
	case n == 1 && ahead == 1:
		return p.sc.Name(p.o.Queue[0]) + " waits for a later version than the next", cells.StylePlain
	case ahead > 0:
		return wording.WaitWords(n) + ", " + wording.Number(ahead) + " for a later version than the next", cells.StylePlain
	case n == 1:
		return p.sc.Name(p.o.Queue[0]) + " waits for a newer version", cells.StylePlain
	default:
		return wording.Number(n) + " wait for a newer version", cells.StylePlain
	}
}
