package tui

import (
	"math"
	"sort"
	"strconv"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A look is what a goroutine looks like at a moment, as the lanes, tokens and lists tell it.
type look uint8

// The looks, by how much they matter where there is room for one only.
const (
	isAbsent   look = iota // not started, or ended long ago
	isEnded                // ended
	isRunning              // runs, holding nothing
	isHolding              // runs, holding something
	isReleased             // released, and has not run since
	isWaiting              // waits
	isGivingUp             // gave up waiting
	isFailed               // released without success
)

// lookOf returns what g looks like.
func lookOf(g *timeline.Goroutine) look {
	switch {
	case g == nil:
		return isAbsent
	case g.Status == timeline.StatusEnded:
		return isEnded
	case g.Status == timeline.StatusWaiting:
		return isWaiting
	case g.Status == timeline.StatusReleased && g.Failed:
		return isFailed
	case g.Last.Kind == trace.KindFail:
		return isFailed
	case g.Status == timeline.StatusReleased:
		return isReleased
	case g.Status == timeline.StatusGaveUp:
		return isGivingUp
	case len(g.Holds) > 0:
		return isHolding
	default:
		return isRunning
	}
}

// glyphOf returns the glyph of a look and the style in which it is drawn.
func glyphOf(l look) (string, cells.Style) {
	switch l {
	case isWaiting:
		return cells.GlyphWaiting, cells.StyleWaiting
	case isHolding:
		return cells.GlyphHolding, cells.StyleHolding
	case isReleased:
		return cells.GlyphReleased, cells.StyleReleased
	case isGivingUp:
		return cells.GlyphGaveUp, cells.StyleTrouble
	case isFailed:
		return cells.GlyphTrouble, cells.StyleTrouble
	case isEnded:
		return cells.GlyphEnded, cells.StyleEnded
	default:
		return cells.GlyphRunning, cells.StyleRunning
	}
}

// A span says that a goroutine has had a look since event number from.
type span struct {
	from  int32
	look  look
	holds bool  // isWaiting: it holds something meanwhile
	by    int64 // isReleased, isFailed: by whom
	obj   trace.ID
}

// A lane is the past of one goroutine, in spans that follow each other.
type lane struct {
	g     int64
	spans []span
	said  []remark
	key   nameKey
	crowd *crowd
}

// A remark is what a goroutine said with event number at.
type remark struct {
	at   int
	text string
}

// remark returns the last remark of the lane up to event n.
func (ln *lane) remark(n int) (remark, bool) {
	i := sort.Search(len(ln.said), func(i int) bool { return ln.said[i].at > n })
	if i == 0 {
		return remark{}, false
	}
	return ln.said[i-1], true
}

// index returns which span of the lane it is at the time of event n, -1 before the first.
func (ln *lane) index(n int) int {
	return sort.Search(len(ln.spans), func(i int) bool { return int(ln.spans[i].from) > n }) - 1
}

// indexFrom is index, of an n that is not less than one of which the index is i. It is mostly not much greater.
func (ln *lane) indexFrom(i, n int) int {
	step := 1
	for i+step < len(ln.spans) && int(ln.spans[i+step].from) <= n {
		i += step
		step *= 2
	}
	end := min(i+step, len(ln.spans))
	return i + sort.Search(end-i-1, func(k int) bool { return int(ln.spans[i+1+k].from) > n })
}

// An access is that goroutine g read or wrote a variable with event number at.
type access struct {
	at    int
	g     int64
	write bool
	text  string
}

// A history keeps the lanes of all goroutines, and who read and wrote each variable.
type history struct {
	lanes    []*lane
	by       map[int64]*lane
	crowds   map[string]*crowd
	all      crowd // everybody
	accesses map[trace.ID][]access
	trouble  []int32 // the events at which something went wrong, in ascending order
}

// goesWrong reports whether ev tells of something that went wrong; s is the State after it.
func goesWrong(ev *trace.Event, s *timeline.State) bool {
	switch ev.Kind {
	case trace.KindGiveUp, trace.KindBreak, trace.KindFail, trace.KindPanic, trace.KindDropped:
		return true
	case trace.KindExit:
		return ev.N != 0
	case trace.KindUnblock:
		g := s.Goroutine(ev.G)
		return g != nil && g.Failed
	default:
		return false
	}
}

// wrong notes that something went wrong at event n, the last.
func (h *history) wrong(n int) {
	if k := len(h.trouble); k == 0 || int(h.trouble[k-1]) != n {
		h.trouble = append(h.trouble, int32(n))
	}
}

// until returns the accesses to variable id up to event n.
func (h *history) until(id trace.ID, n int) []access {
	all := h.accesses[id]
	return all[:sort.Search(len(all), func(i int) bool { return all[i].at > n })]
}

// access adds event number n, which read or wrote a variable.
func (h *history) access(n int, ev *trace.Event) {
	if h.accesses == nil {
		h.accesses = make(map[trace.ID][]access)
	}
	h.accesses[ev.Obj] = append(h.accesses[ev.Obj], access{n, ev.G, ev.Kind == trace.KindWrite, ev.Text})
}

// note adds what event number n did; s is the State after it.
func (h *history) note(n int, ev *trace.Event, s *timeline.State) {
	h.update(n, s.Goroutine(ev.G))
	if goesWrong(ev, s) {
		h.wrong(n)
	}
	switch ev.Kind {
	case trace.KindRead, trace.KindWrite:
		if o := s.Object(ev.Obj); o != nil && o.Class == trace.ClassVar {
			h.access(n, ev)
		}
	case trace.KindLog:
		if l := h.by[ev.G]; l != nil {
			l.said = append(l.said, remark{n, ev.Text})
		}
	case trace.KindSpawn, trace.KindRelease, trace.KindDefineG:
		h.update(n, s.Goroutine(ev.Peer))
	default:
	}
}

func (h *history) update(n int, g *timeline.Goroutine) {
	if g == nil || g.ID == 0 {
		return
	}
	l := h.by[g.ID]
	if l == nil {
		if h.by == nil {
			h.by = make(map[int64]*lane)
		}
		l = &lane{g: g.ID}
		h.by[g.ID] = l
		h.lanes = append(h.lanes, l)
	}
	if l.crowd == nil || l.key.name != g.Name {
		h.join(n, l, g.Name)
	}
	sp := span{from: int32(min(n, math.MaxInt32)), look: lookOf(g), by: g.By, obj: g.For}
	sp.holds = sp.look == isWaiting && len(g.Holds) > 0
	was := isAbsent
	if k := len(l.spans); k > 0 {
		last := &l.spans[k-1]
		if was = last.look; was == sp.look && last.obj == sp.obj && last.by == sp.by && last.holds == sp.holds {
			return
		}
	}
	l.spans = append(l.spans, sp)
	if was != sp.look {
		l.crowd.change(n, was, sp.look)
		h.all.change(n, was, sp.look)
	}
}

// join gives l its name from event n on, and with that its crowd.
func (h *history) join(n int, l *lane, name string) {
	is := isAbsent
	if k := len(l.spans); k > 0 {
		is = l.spans[k-1].look
	}
	if l.crowd != nil { // it was called otherwise before
		l.crowd.members--
		l.crowd.change(n, is, isAbsent)
		h.all.members--
	}
	if l.key = keyOf(name); name == "" {
		l.key.pattern, l.key.number = "goroutine-*", strconv.FormatInt(l.g, 10)
	}
	w := h.crowds[l.key.pattern]
	if w == nil {
		if h.crowds == nil {
			h.crowds = make(map[string]*crowd)
		}
		w = &crowd{id: len(h.crowds), name: l.key.pattern}
		h.crowds[l.key.pattern] = w
	}
	l.key.pattern = w.name
	w.members++
	h.all.members++
	l.crowd = w
	w.change(n, isAbsent, is)
}

// freed returns who released g, and from what, if g has done nothing since but go on, at the time of event n.
func (h *history) freed(g *timeline.Goroutine, n int) (by int64, from trace.ID, ok bool) {
	l := h.by[g.ID]
	if l == nil {
		return 0, 0, false
	}
	i := l.index(n)
	if k := g.Last.Kind; k == trace.KindResume || k == trace.KindLog {
		i--
	}
	if i < 0 || l.spans[i].look != isReleased {
		return 0, 0, false
	}
	return l.spans[i].by, l.spans[i].obj, true
}
