package scene

import (
	"math"
	"sort"
	"strconv"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A span is the look of a goroutine from event number from on.
type span struct {
	from  int32
	look  Look
	holds bool  // if it waits: it holds something
	by    int64 // the goroutine that released it, if any
	obj   trace.ID
}

// A Lane is the past of one goroutine, as consecutive spans.
type Lane struct {
	g     int64
	spans []span
	said  []Remark
	key   nameKey
	Group *Group
}

// A Remark is a message that a goroutine logged at event number at.
type Remark struct {
	At   int
	Text string
}

// Remark returns the last remark of the lane up to event n.
func (ln *Lane) Remark(n int) (Remark, bool) {
	i := sort.Search(len(ln.said), func(i int) bool { return ln.said[i].At > n })
	if i == 0 {
		return Remark{}, false
	}
	return ln.said[i-1], true
}

// index returns the index of the span at event n; -1 before the first.
func (ln *Lane) index(n int) int {
	return sort.Search(len(ln.spans), func(i int) bool { return int(ln.spans[i].from) > n }) - 1
}

// indexFrom is index, starting from a known span i that begins no later. It is fast if n is not much later.
func (ln *Lane) indexFrom(i, n int) int {
	step := 1
	for i+step < len(ln.spans) && int(ln.spans[i+step].from) <= n {
		i += step
		step *= 2
	}
	end := min(i+step, len(ln.spans))
	return i + sort.Search(end-i-1, func(k int) bool { return int(ln.spans[i+1+k].from) > n })
}

// An Access is a read or write of a variable by goroutine g at event number at.
type Access struct {
	at    int
	G     int64
	Write bool
	Text  string
}

// A History has the lanes of all goroutines, and the accesses to each variable.
type History struct {
	lanes    []*Lane
	by       map[int64]*Lane
	groups   map[string]*Group
	all      Group // all goroutines
	accesses map[trace.ID][]Access
	trouble  []int32 // the events at which something went wrong, in ascending order
}

// Lane returns the lane of goroutine g; nil if there is none.
func (h *History) Lane(g int64) *Lane { return h.by[g] }

// Mark returns the mark of a column that ends at event n: the number of waiting goroutines then.
func (h *History) Mark(n int) (string, cells.Style) { return h.all.Mark(n) }

// goesWrong reports whether something went wrong at ev; s is the State after it.
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

// wrong records that something went wrong at event n, the last one.
func (h *History) wrong(n int) {
	if k := len(h.trouble); k == 0 || int(h.trouble[k-1]) != n {
		h.trouble = append(h.trouble, int32(n))
	}
}

// Until returns the accesses to variable id up to event n.
func (h *History) Until(id trace.ID, n int) []Access {
	all := h.accesses[id]
	return all[:sort.Search(len(all), func(i int) bool { return all[i].at > n })]
}

// access records event number n, a read or write of a variable.
func (h *History) access(n int, ev *trace.Event) {
	if h.accesses == nil {
		h.accesses = make(map[trace.ID][]Access)
	}
	h.accesses[ev.Obj] = append(h.accesses[ev.Obj], Access{n, ev.G, ev.Kind == trace.KindWrite, ev.Text})
}

// note records event number n; s is the State after it.
func (h *History) note(n int, ev *trace.Event, s *timeline.State) {
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
			l.said = append(l.said, Remark{n, ev.Text})
		}
	case trace.KindSpawn, trace.KindRelease, trace.KindDefineG:
		h.update(n, s.Goroutine(ev.Peer))
	default:
	}
}

func (h *History) update(n int, g *timeline.Goroutine) {
	if g == nil || g.ID == 0 {
		return
	}
	l := h.by[g.ID]
	if l == nil {
		if h.by == nil {
			h.by = make(map[int64]*Lane)
		}
		l = &Lane{g: g.ID}
		h.by[g.ID] = l
		h.lanes = append(h.lanes, l)
	}
	if l.Group == nil || l.key.name != g.Name {
		h.join(n, l, g.Name)
	}
	sp := span{from: int32(min(n, math.MaxInt32)), look: lookOf(g), by: g.By, obj: g.For}
	sp.holds = sp.look == LookWaiting && len(g.Holds) > 0
	was := LookAbsent
	if k := len(l.spans); k > 0 {
		last := &l.spans[k-1]
		if was = last.look; was == sp.look && last.obj == sp.obj && last.by == sp.by && last.holds == sp.holds {
			return
		}
	}
	l.spans = append(l.spans, sp)
	if was != sp.look {
		l.Group.change(n, was, sp.look)
		h.all.change(n, was, sp.look)
	}
}

// join gives l a name from event n on, and the group that belongs to it.
func (h *History) join(n int, l *Lane, name string) {
	is := LookAbsent
	if k := len(l.spans); k > 0 {
		is = l.spans[k-1].look
	}
	if l.Group != nil { // it had another name before
		l.Group.members--
		l.Group.change(n, is, LookAbsent)
		h.all.members--
	}
	if l.key = keyOf(name); name == "" {
		l.key.pattern, l.key.number = "goroutine-*", strconv.FormatInt(l.g, 10)
	}
	group := h.groups[l.key.pattern]
	if group == nil {
		if h.groups == nil {
			h.groups = make(map[string]*Group)
		}
		group = &Group{ID: len(h.groups), Name: l.key.pattern}
		h.groups[l.key.pattern] = group
	}
	l.key.pattern = group.Name
	group.members++
	h.all.members++
	l.Group = group
	group.change(n, LookAbsent, is)
}

// Freed returns the goroutine that released g, and the object it was released from, if g has only resumed since, as of event n.
func (h *History) Freed(g *timeline.Goroutine, n int) (by int64, from trace.ID, ok bool) {
	l := h.by[g.ID]
	if l == nil {
		return 0, 0, false
	}
	i := l.index(n)
	if k := g.Last.Kind; k == trace.KindResume || k == trace.KindLog {
		i--
	}
	if i < 0 || l.spans[i].look != LookReleased {
		return 0, 0, false
	}
	return l.spans[i].by, l.spans[i].obj, true
}

// Did describes a: the word for a read or a write, and the value if that is known.
func (a *Access) Did(read, wrote string) string {
	words := read
	if a.Write {
		words = wrote
	}
	return strings.TrimSuffix(words+" "+cells.Clean(a.Text), " ")
}
