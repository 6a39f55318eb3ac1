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

// A drawing draws one object in its panel.
type drawing struct {
	*stage
	o *timeline.Object
}

// title returns what the panel's frame says: the name, the class with what belongs to it, and more.
func (d *drawing) title() []string {
	name := cells.Clean(d.sc.s.ObjName(d.o.ID))
	switch d.o.Class {
	case trace.ClassBarrier:
		return append([]string{name}, d.barrierTitle()...)
	case trace.ClassEvent:
		return append([]string{name, "Event"}, d.eventTitle()...)
	case trace.ClassSemaphore:
		return []string{name, "Semaphore", d.semaphoreOf()}
	case trace.ClassMutex:
		return append([]string{name, "Mutex"}, d.tries()...)
	case trace.ClassReentrantLock:
		return append([]string{name, "ReentrantLock"}, d.tries()...)
	case trace.ClassLocal:
		return []string{name, "Local", plural(len(d.o.Values), "value")}
	case trace.ClassCond:
		return []string{name, "Cond", "on " + d.sc.objName(d.o.Parent)}
	case trace.ClassQueue, trace.ClassStack, trace.ClassPriorityQueue:
		return append([]string{name}, d.queueTitle()...)
	case trace.ClassExecutor:
		return []string{name, "Executor of " + strconv.Itoa(d.o.Workers)}
	case trace.ClassFuture:
		return []string{name, "Future"}
	case trace.ClassGroup:
		return append([]string{name}, d.groupTitle()...)
	case trace.ClassVar:
		return []string{name, "variable"}
	case trace.ClassAtomic:
		return []string{name, "atomic"}
	case trace.ClassChan:
		return append([]string{name}, d.chanTitle()...)
	case trace.ClassSelect:
		return []string{name, plural(len(d.o.Cases), "case")}
	case trace.ClassRWMutex:
		return append([]string{name}, d.rwMutexTitle()...)
	case trace.ClassWaitGroup:
		return []string{name, "WaitGroup"}
	case trace.ClassOnce:
		return []string{name, "Once"}
	case trace.ClassTimer:
		return append([]string{name}, d.timerTitle()...)
	default:
		return []string{name}
	}
}

// draw draws what is within the panel's frame.
func (d *drawing) draw(r cells.Rect) {
	if r.W < 8 || r.H < 1 {
		return
	}
	switch d.o.Class {
	case trace.ClassBarrier:
		d.barrier(r)
	case trace.ClassEvent:
		d.event(r)
	case trace.ClassSemaphore:
		d.semaphore(r)
	case trace.ClassMutex, trace.ClassReentrantLock:
		d.lock(r)
	case trace.ClassLocal:
		d.local(r)
	case trace.ClassCond:
		d.cond(r)
	case trace.ClassQueue, trace.ClassStack, trace.ClassPriorityQueue:
		d.queue(r)
	case trace.ClassExecutor:
		d.executor(r)
	case trace.ClassFuture:
		d.future(r)
	case trace.ClassGroup:
		d.group(r)
	case trace.ClassVar, trace.ClassAtomic:
		d.variable(r)
	case trace.ClassChan:
		d.channel(r)
	case trace.ClassNilChan:
		d.nilChannel(r)
	case trace.ClassSelect:
		d.selectStatement(r)
	case trace.ClassRWMutex:
		d.rwMutex(r)
	case trace.ClassWaitGroup:
		d.waitGroup(r)
	case trace.ClassOnce:
		d.once(r)
	case trace.ClassTimer:
		d.timer(r)
	case trace.ClassClock:
		d.sleepers(r)
	default:
		d.other(r)
	}
}

// A floor is how a panel is divided: those on the way, those who wait, what they wait for, and those who are through.
type floor struct {
	way, at, gate, through cells.Rect
	labels                 int // the line of the labels; -1: no room
	caption                int // the line of the caption; -1: no room
}

// floor divides r, with a gate of the given width, 0 for one that takes a good part of it. Those at the gate would like
// to have need columns.
func (d *drawing) floor(r cells.Rect, gate, need int) floor {
	f := floor{labels: -1, caption: -1}
	body := r
	if r.H >= 5 {
		f.labels = r.Y
		body = body.Lines(1, body.H-1)
	}
	if r.H >= 3 {
		f.caption = r.Y + r.H - 1
		body = body.Lines(0, body.H-1)
	}
	if body.H >= 7 { // some air
		body = body.Lines(1, body.H-2)
	}
	way, through := 0, clamp((body.W-gate)*45/100, 12, 32)
	if d.solo {
		through = clamp(body.W*30/100, 12, 32)
		way = clamp(body.W*20/100, 12, 26)
	}
	if gate == 0 {
		gate = (body.W - way) * 40 / 100
		through = (body.W - way - gate) / 2
	}
	if need > body.W { // too many to stand side by side anyhow
		need = 0
	}
	if lack := need - (body.W - way - through - gate); lack > 0 { // the others can do with less
		through = max(through-lack, min(through, 13))
		lack = need - (body.W - way - through - gate)
		way = max(way-max(0, lack), min(way, 11))
	}
	at := max(0, body.W-way-through-gate)
	f.way = body.Cols(0, max(0, way-1))
	f.at = body.Cols(way, at)
	f.gate = body.Cols(way+at, gate)
	if gate > 5 {
		f.gate.W-- // apart from those behind it
	}
	f.through = body.Cols(way+at+gate, through)
	return f
}

// label writes what the part r of the floor is for.
func (d *drawing) label(f floor, r cells.Rect, s string) {
	if f.labels >= 0 && r.W > 0 {
		d.say(r.X, f.labels, cells.Truncate(s, r.W), cells.Dim)
	}
}

// labelFrom writes what the part r of the floor is for, from column x on, or further left if it would be cut there.
func (d *drawing) labelFrom(f floor, r cells.Rect, x int, s string) {
	x = max(r.X, min(x, r.X+r.W-cells.Width(s)))
	d.label(f, cells.Area(x, r.Y, r.X+r.W-x, r.H), s)
}

// caption writes the sentence at the bottom of the panel.
func (d *drawing) caption(f floor, r cells.Rect, s string, st cells.Style) {
	if f.caption >= 0 {
		for cells.Width(s) > r.W { // without its last clause rather than cut
			i := strings.LastIndex(s, "; ")
			if i < 0 {
				break
			}
			s = s[:i]
		}
		d.say(r.X, f.caption, cells.Truncate(s, r.W), st)
	}
}

// onTheWay draws those who are nowhere else, if this object has the stage for itself.
func (d *drawing) onTheWay(f floor) {
	if !d.solo {
		return
	}
	d.label(f, f.way, "on the way")
	d.seat(f.way, 0, d.others(false), seating{mid: true})
}

// through draws who came through last, each with what it got and who released it.
func (d *drawing) throughSeats(notes func(h timeline.Hold) string) []seat {
	var seats []seat
	for _, h := range d.o.Passed {
		g := d.sc.s.Goroutine(h.G)
		if g == nil || g.Status == timeline.Waiting {
			continue
		}
		s := seat{g: h.G, look: lookOf(g)}
		if notes != nil {
			s.badge = notes(h)
		}
		d.freed(&s, g)
		seats = append(seats, s)
	}
	return seats
}

// freed makes s tell who released g, as long as g has not gone on to something else.
func (d *drawing) freed(s *seat, g *timeline.Goroutine) {
	by, ok := d.sc.hist.freed(g, d.sc.n)
	if !ok {
		return
	}
	if s.look == isRunning || s.look == isHolding && (len(d.o.Holders) == 0 || d.o.Signals) {
		s.look = isReleased
	}
	if by != 0 {
		s.note = "by " + d.sc.name(by)
	}
}

// queued returns the seats of those who wait here with one of verbs, first come first; no verbs: all of them.
func (d *drawing) queued(verbs ...string) []seat {
	var seats []seat
	for _, id := range d.o.Queue {
		g := d.sc.s.Goroutine(id)
		if g == nil || len(verbs) > 0 && !begins(g.Verb, verbs) {
			continue
		}
		s := seat{g: id, look: d.sc.look(g)}
		if g.Want > 1 {
			s.badge = "×" + strconv.FormatInt(g.Want, 10)
		}
		seats = append(seats, s)
	}
	return seats
}

// begins reports whether s begins with one of verbs: "Put" stands for "PutTimeout", too.
func begins(s string, verbs []string) bool {
	return slices.ContainsFunc(verbs, func(v string) bool { return strings.HasPrefix(s, v) })
}

// held returns the seats of those who hold the object.
func (d *drawing) held() []seat {
	var seats []seat
	for _, h := range d.o.Holders {
		s := seat{g: h.G, look: isHolding}
		if d.o.Signals {
			s.look = lookOf(d.sc.s.Goroutine(h.G))
		}
		if h.N > 1 {
			s.badge = "×" + strconv.FormatInt(h.N, 10)
		}
		if g := d.sc.s.Goroutine(h.G); g != nil {
			d.freed(&s, g)
			if d.sc.stuckIn(h.G) {
				s.look = isFailed
			}
			if g.Status == timeline.Waiting && g.For != d.o.ID && !d.o.Signals {
				s.note = "wants " + d.sc.objName(g.For)
			}
		}
		seats = append(seats, s)
	}
	return seats
}

// wall draws a vertical line of st in the middle of r, with a gap of the given height, 0 for none.
func (d *drawing) wall(r cells.Rect, s string, gap int, st cells.Style) {
	x, top := r.X+r.W/2, (r.H-gap)/2
	d.c.Column(x, r.Y, top, s, st)
	d.c.Column(x, r.Y+top+gap, r.H-top-gap, s, st)
}

var numbers = [...]string{"no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}

// number returns n in words if it is small.
func number(n int) string {
	if n >= 0 && n < len(numbers) {
		return numbers[n]
	}
	return strconv.Itoa(n)
}

// plural returns "1 permit", "2 permits".
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
