package stage

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// A semaphore is a turnstile. Its permits are above it; the waiters are in front of it, each with the number of permits it requests;
// and the holders of permits are behind it. If permits are used as signals, no goroutine holds them: the goroutines behind the
// turnstile have received a signal.
type semaphorePanel struct{ *subject }

func (p semaphorePanel) title() []string {
	if p.o.Signals {
		return []string{"Semaphore", "signals"}
	}
	return []string{"Semaphore", wording.Plural(int(p.o.Size), "permit")}
}

func (p semaphorePanel) row() (string, cells.Style, []group) {
	const most = 6
	state, style := p.permits(most), cells.StyleRunning
	if p.o.Permits == 0 {
		style = cells.StyleDim
	}
	if p.o.Signals {
		return state, style, []group{{sign: signQueue, look: scene.LookWaiting, seats: p.atDoor()}, {sign: signThrough, look: scene.LookReleased, seats: living(p.throughDoor())}}
	}
	_, _, groups := p.subject.row()
	return state, style, groups
}

func (p semaphorePanel) lay(r cells.Rect) {
	permits := p.permits(r.W / 2)
	queue := p.atDoor()
	f := p.floor(r, 5, 0)
	left := p.seat(f.at, p.o.ID, queue, seating{boxed: true, right: true, mid: true})
	p.labelFrom(f, f.at, left, "in the queue")
	if p.o.Signals {
		p.label(f, f.through, "through")
		p.seat(f.through, p.o.ID, p.throughDoor(), seating{mid: true})
	} else {
		p.label(f, f.through, "holding")
		p.seat(f.through, p.o.ID, p.held(), seating{boxed: true, mid: true})
	}
	p.turnstile(f, permits)
	p.onTheWay(f)
}

// permits returns the permits as ◉ (free) and ○ (taken), or as numbers if these take more than n cells.
func (p semaphorePanel) permits(n int) string {
	size := max(p.o.Size, p.o.Permits)
	if p.o.Signals {
		size = max(p.o.Permits, 1)
	}
	if size > int64(min(n, 12)) {
		sign := cells.PermitFree
		if p.o.Permits == 0 {
			sign = cells.PermitUsed
		}
		return fmt.Sprintf("%s %d/%d", sign, p.o.Permits, size)
	}
	return strings.Repeat(cells.PermitFree, int(p.o.Permits)) + strings.Repeat(cells.PermitUsed, int(size-p.o.Permits))
}

// turnstile draws the posts and the arms, which turn with each goroutine that comes through.
func (p semaphorePanel) turnstile(f floor, permits string) {
	r := f.gate
	st := cells.StyleWaiting
	if p.o.Permits > 0 && len(p.o.Queue) == 0 {
		st = cells.StyleRunning
	}
	mid := r.Y + r.H/2
	x := r.X + r.W/2
	p.Column(x, r.Y, r.H, "│", cells.StyleLine)
	if r.H >= 3 {
		p.Text(x-2, mid-1, " ╷ ╷ ", cells.StylePlain)
		p.Text(x-2, mid+1, " ╵ ╵ ", cells.StylePlain)
	}
	arms := "┼"
	if p.turned()%2 == 1 {
		arms = cells.GateBroken
	}
	p.Text(x-1, mid, "┤", cells.StylePlain)
	p.Text(x, mid, arms, st|cells.StyleBold)
	p.Text(x+1, mid, "├", cells.StylePlain)

	w := cells.Width(permits)
	y, px := r.Y, x-w/2
	if f.labels >= 0 && r.H < 5 {
		y = f.labels
	}
	px = min(px, f.through.X+f.through.W-w)
	if y == f.labels { // leave room for the label
		px = min(px, f.through.X-1-w)
	}
	free := strings.TrimRight(permits, cells.PermitUsed)
	p.Text(px-1, y, " ", cells.StylePlain)
	some := cells.StyleRunning | cells.StyleBold
	if p.o.Permits == 0 {
		some = cells.StyleDim
	}
	end := p.Text(px, y, free, some)
	end = p.Text(end, y, permits[len(free):], cells.StyleDim)
	p.Text(end, y, " ", cells.StylePlain)
}

// turned returns the number of times a goroutine has come through so far, as far as that is known.
func (p semaphorePanel) turned() int {
	n := p.o.Waits
	for _, h := range p.o.Holders {
		n += int(h.N)
	}
	return n
}

// throughDoor returns the seats of the goroutines that came through and are not in front again.
func (p semaphorePanel) throughDoor() []seat {
	return slices.DeleteFunc(p.held(), func(s seat) bool { return slices.Contains(p.o.Queue, s.g) })
}

func (p semaphorePanel) sentence() (string, cells.Style) {
	o := p.o
	free := fmt.Sprintf("%d of %d free", o.Permits, o.Size)
	if o.Signals {
		if free = "none left"; o.Permits > 0 {
			free = fmt.Sprintf("%d left", o.Permits)
		}
	}
	switch n := len(o.Queue); {
	case n == 0 && o.Permits > 0:
		return free + "; Acquire returns at once", cells.StylePlain
	case n == 0:
		return free + "; the next Acquire waits", cells.StylePlain
	default:
		first := p.sc.State.Goroutine(o.Queue[0])
		s := free + "; " + wording.Number(n) + " wait"
		if n == 1 {
			s = free + "; one waits"
		}
		if first != nil && first.Want > 1 {
			s += ", " + p.sc.Name(first.ID) + " first, for " + strconv.FormatInt(first.Want, 10)
		}
		if o.Signals {
			s += p.who("given one")
		}
		return s, cells.StylePlain
	}
}
