package stage

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// A KeyedMutex has a door for each key in use: the holder of the key is behind it, and the goroutines that wait for it are in front.
type keyedMutexPanel struct{ *subject }

func (p keyedMutexPanel) title() []string {
	return append([]string{"KeyedMutex"}, wording.Plural(p.heldKeys(), "key")+" held")
}

// idle reports whether no key is in use.
func (p keyedMutexPanel) idle() bool { return len(p.parts()) == 0 }

func (p keyedMutexPanel) row() (string, cells.Style, []group) {
	var in, queue []seat
	for _, k := range p.parts() {
		in = append(in, k.tagged(k.held())...)
		queue = append(queue, k.tagged(k.atDoor())...)
	}
	state := wording.Plural(p.heldKeys(), "key")
	return padded(state, len("10 keys")), cells.StylePlain, []group{{sign: signInside, look: scene.LookHolding, seats: in}, {sign: signQueue, look: scene.LookWaiting, seats: queue}}
}

// heldKeys returns the number of held keys.
func (p keyedMutexPanel) heldKeys() (n int) {
	for _, k := range p.parts() {
		if k.o.Depth > 0 {
			n++
		}
	}
	return n
}

func (p keyedMutexPanel) lay(r cells.Rect) {
	parts := p.parts()
	labelW := 5
	for _, k := range parts {
		labelW = max(labelW, cells.Width(k.label()))
	}
	f := p.floor(r, min(labelW, r.W/4)+4, 0)
	p.labelFrom(f, f.at, f.at.X+f.at.W, "at the door   ")
	p.label(f, f.gate, "key")
	p.label(f, f.through, "inside")
	if len(parts) == 0 {
		p.Center(f.gate, f.gate.H/2, "none", cells.StyleDim)
	}
	p.shelves(f, parts, func(k part, f floor) {
		st, door := cells.StyleLine, " "
		if k.o.Depth > 0 {
			st, door = cells.StyleHolding, "┤"
		}
		p.Fit(f.gate.X, f.line(), f.gate.W-2, k.label(), cells.StyleBright)
		p.Text(f.gate.X+f.gate.W-1, f.line(), door, st)
		k.seat(f.at, k.o.ID, k.atDoor(), seating{boxed: true, right: true, mid: true})
		k.seat(f.through, k.o.ID, k.held(), seating{boxed: true, mid: true})
	})
	p.onTheWay(f)
}

func (p keyedMutexPanel) sentence() (string, cells.Style) {
	parts := p.parts()
	if len(parts) == 0 {
		return p.waiting(nil)
	}
	waits := 0
	for _, k := range parts {
		waits += len(k.o.Queue)
	}
	for _, k := range parts {
		if len(k.o.Queue) > 0 && k.o.Owner != 0 {
			return fmt.Sprintf("%s; %s has %s", wording.WaitWords(waits), p.sc.Name(k.o.Owner), k.label()), cells.StylePlain
		}
	}
	return wording.WaitWords(waits), cells.StylePlain
}

// parts returns the keys that a goroutine holds, waits for, or was just granted.
func (p keyedMutexPanel) parts() []part {
	attended := p.attended()
	return p.partsThat(func(o *timeline.Object) bool { return o.Class == trace.ClassMutex && (o.Depth > 0 || attended[o.ID]) })
}

// A part is an object shown in the panel of another one: a key of a KeyedMutex, or a call of a Flight.
type part struct {
	*subject
	whole *timeline.Object
}

// partsThat returns the parts of the object for which show returns true, in order of appearance.
func (p *subject) partsThat(show func(*timeline.Object) bool) (parts []part) {
	for _, o := range p.sc.State.Children(p.o.ID) {
		if show(o) {
			parts = append(parts, part{&subject{p.stage, o}, p.o})
		}
	}
	return parts
}

// attended returns the objects that a goroutine waits for or has just stopped waiting for.
func (p *subject) attended() map[trace.ID]bool {
	at := make(map[trace.ID]bool)
	for _, g := range p.sc.State.Goroutines() {
		if g.Status == timeline.StatusEnded {
			continue
		}
		at[g.For] = true
		if g.Last.Kind == trace.KindResume || g.Last.Kind == trace.KindTryFail {
			at[g.Last.Obj] = true
		}
	}
	return at
}

// label returns what distinguishes the part from others: "[7]" for pages[7].
func (k part) label() string {
	name := k.sc.ObjectName(k.o.ID)
	if rest, ok := strings.CutPrefix(name, k.sc.ObjectName(k.whole.ID)); ok && rest != "" {
		return rest
	}
	return name
}

// held returns the seats of the holders of the part.
func (k part) held() []seat {
	seats := k.subject.held()
	for i := range seats { // the badge says which part it is
		seats[i].note = strings.Replace(seats[i].note, "wants "+k.sc.ObjectName(k.whole.ID)+"[", "wants [", 1)
	}
	return seats
}

// tagged returns seats with the label of the part as their badge.
func (k part) tagged(seats []seat) []seat {
	const most = 8
	for i := range seats {
		seats[i].badge = cells.Shorten(k.label(), most)
	}
	return seats
}

// shelves gives each of parts a shelf of f, as high as there is room for, and calls put for it. If there are more parts than lines,
// the last line counts the parts without waiters.
func (p *subject) shelves(f floor, parts []part, put func(k part, f floor)) {
	const high = boxH + 1
	if len(parts) == 0 || f.at.H < 1 {
		return
	}
	more := 0
	if len(parts) > f.at.H {
		more = len(parts) - f.at.H + 1
		slices.SortStableFunc(parts, func(a, b part) int { return min(len(b.o.Queue), 1) - min(len(a.o.Queue), 1) })
		for _, k := range parts[len(parts)-more:] {
			for _, s := range slices.Concat(k.held(), k.atDoor()) {
				p.placed(s.g)
			}
		}
		parts = parts[:len(parts)-more]
		p.say(f.gate.X, f.gate.Y+f.gate.H-1, "+"+strconv.Itoa(more), cells.StyleDim)
	}
	h := cells.Clamp(f.at.H/max(1, len(parts)), 1, high)
	top := 0
	if more == 0 {
		top = (f.at.H - h*len(parts)) / 2
	}
	for i, k := range parts {
		shelf := f
		for _, r := range []*cells.Rect{&shelf.at, &shelf.gate, &shelf.through} {
			*r = r.Lines(top+i*h, min(h, boxH))
		}
		put(k, shelf)
	}
}

// line returns the line of f, a shelf, that has the names.
func (f *floor) line() int {
	if f.gate.H >= boxH {
		return f.gate.Y + boxH/2
	}
	return f.gate.Y
}
