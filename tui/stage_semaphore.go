package tui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A semaphore is a turnstile. Above it are its permits; before it stands the queue, with what each one asks for;
// behind it are those who hold permits. Where permits are signals, nobody holds them: who came through has heard of
// something.

// semaphoreOf returns what the semaphore gives out.
func (d *drawing) semaphoreOf() string {
	if d.o.Signals {
		return "signals"
	}
	return plural(int(d.o.Size), "permit")
}

func (d *drawing) semaphore(r cells.Rect) {
	permits := d.permits(r.W / 2)
	queue := d.atDoor()
	f := d.floor(r, 5, 0)
	left := d.seat(f.at, d.o.ID, queue, seating{boxed: true, right: true, mid: true})
	d.labelFrom(f, f.at, left, "in the queue")
	if d.o.Signals {
		d.label(f, f.through, "through")
		d.seat(f.through, d.o.ID, d.throughDoor(), seating{mid: true})
	} else {
		d.label(f, f.through, "holding")
		d.seat(f.through, d.o.ID, d.held(), seating{boxed: true, mid: true})
	}
	d.turnstile(f, permits)
	d.onTheWay(f)
	d.caption(f, r, d.semaphoreCaption(), cells.Plain)
}

// permits returns the permits as ◉ (free) and ○ (taken), or as numbers if that takes more than n cells.
func (d *drawing) permits(n int) string {
	size := max(d.o.Size, d.o.Permits)
	if d.o.Signals {
		size = max(d.o.Permits, 1)
	}
	if size > int64(min(n, 12)) {
		sign := cells.PermitFree
		if d.o.Permits == 0 {
			sign = cells.PermitUsed
		}
		return fmt.Sprintf("%s %d/%d", sign, d.o.Permits, size)
	}
	return strings.Repeat(cells.PermitFree, int(d.o.Permits)) + strings.Repeat(cells.PermitUsed, int(size-d.o.Permits))
}

// turnstile draws the posts and the arms, which have turned once more with each goroutine that came through.
func (d *drawing) turnstile(f floor, permits string) {
	r := f.gate
	st := cells.Waiting
	if d.o.Permits > 0 && len(d.o.Queue) == 0 {
		st = cells.Running
	}
	mid := r.Y + r.H/2
	x := r.X + r.W/2
	d.c.Column(x, r.Y, r.H, "│", cells.Line)
	if r.H >= 3 {
		d.c.Text(x-2, mid-1, " ╷ ╷ ", cells.Plain)
		d.c.Text(x-2, mid+1, " ╵ ╵ ", cells.Plain)
	}
	arms := "┼"
	if d.turned()%2 == 1 {
		arms = cells.GateBroken
	}
	d.c.Text(x-1, mid, "┤", cells.Plain)
	d.c.Text(x, mid, arms, st|cells.Bold)
	d.c.Text(x+1, mid, "├", cells.Plain)

	w := cells.Width(permits)
	y, px := r.Y, x-w/2
	if f.labels >= 0 && r.H < 5 {
		y = f.labels
	}
	px = min(px, f.through.X+f.through.W-w)
	if y == f.labels { // beside what stands there
		px = min(px, f.through.X-1-w)
	}
	free := strings.TrimRight(permits, cells.PermitUsed)
	d.c.Text(px-1, y, " ", cells.Plain)
	some := cells.Running | cells.Bold
	if d.o.Permits == 0 {
		some = cells.Dim
	}
	end := d.c.Text(px, y, free, some)
	end = d.c.Text(end, y, permits[len(free):], cells.Dim)
	d.c.Text(end, y, " ", cells.Plain)
}

// turned returns how many times somebody came through so far, as far as that can be told.
func (d *drawing) turned() int {
	n := d.o.Waits
	for _, h := range d.o.Holders {
		n += int(h.N)
	}
	return n
}

// atDoor returns the seats of those before a turnstile or a room: who was called and has not come in yet, who waits,
// and who just tried without waiting, and failed.
func (d *drawing) atDoor() []seat {
	var seats []seat
	for _, g := range d.sc.s.Goroutines() {
		called := g.Status == timeline.Released && g.For == d.o.ID || g.Last.Kind == trace.KindResume && g.Last.Obj == d.o.ID
		if called && !slices.ContainsFunc(d.o.Holders, func(h timeline.Hold) bool { return h.G == g.ID }) && g.Status != timeline.Ended {
			s := seat{g: g.ID, look: d.sc.look(g)}
			d.freed(&s, g)
			seats = append(seats, s)
		}
	}
	return append(append(seats, d.queued()...), d.bounced()...)
}

// bounced returns the seats of those who just tried without waiting, and failed.
func (d *drawing) bounced() []seat {
	var seats []seat
	for _, g := range d.sc.s.Goroutines() {
		if g.Status == timeline.Running && g.Last.Kind == trace.KindTryFail && g.Last.Obj == d.o.ID {
			seats = append(seats, seat{g: g.ID, look: lookOf(g), badge: "↩"})
		}
	}
	return seats
}

// throughDoor returns the seats of those who came through and do not stand before it again.
func (d *drawing) throughDoor() []seat {
	return slices.DeleteFunc(d.held(), func(s seat) bool { return slices.Contains(d.o.Queue, s.g) })
}

func (d *drawing) semaphoreCaption() string {
	o := d.o
	free := fmt.Sprintf("%d of %d free", o.Permits, o.Size)
	if o.Signals {
		if free = "none left"; o.Permits > 0 {
			free = fmt.Sprintf("%d left", o.Permits)
		}
	}
	switch n := len(o.Queue); {
	case n == 0 && o.Permits > 0:
		return free + "; nobody has to wait"
	case n == 0:
		return free + "; the next one waits"
	default:
		first := d.sc.s.Goroutine(o.Queue[0])
		s := free + "; " + number(n) + " wait"
		if n == 1 {
			s = free + "; one waits"
		}
		if first != nil && first.Want > 1 {
			s += ", " + d.sc.name(first.ID) + " first, for " + strconv.FormatInt(first.Want, 10)
		}
		return s
	}
}
