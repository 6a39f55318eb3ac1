package scene

import (
	"cmp"
	"sort"
	"strings"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A Group is a set of goroutines whose names differ only in a number, such as worker-1 and worker-2. It records the number of
// waiting members over time.
type Group struct {
	ID   int    // in order of appearance
	Name string // "worker-*"

	members int // the number of members so far
	now     sample
	past    []sample
	every   int32 // the minimum number of events between two elements of past
}

// A sample is the number of members alive after event at, and the number of them that waited.
type sample struct {
	at             int32
	there, waiting int32
}

// maxSamples is the maximum number of samples of a group. When it is reached, every other one is dropped.
const maxSamples = 1 << 15

// change records that the look of a member has changed from was to is at event n.
func (g *Group) change(n int, was, is Look) {
	before := g.now
	g.now.count(was, -1)
	g.now.count(is, 1)
	if g.members < 2 || g.now.there == before.there && g.now.waiting == before.waiting && len(g.past) > 0 {
		return
	}
	g.now.at = int32(min(n, 1<<31-1))
	if k := len(g.past); k > 0 && g.now.at-g.past[k-1].at < max(1, g.every) {
		at := g.past[k-1].at
		g.past[k-1] = g.now
		g.past[k-1].at = at
		return
	}
	g.past = append(g.past, g.now)
	if len(g.past) < maxSamples {
		return
	}
	for i := range maxSamples / 2 {
		g.past[i] = g.past[2*i+1]
		g.past[i].at = g.past[2*i].at
	}
	g.past = g.past[:maxSamples/2]
	g.every = max(1, g.every) * 2
}

func (s *sample) count(l Look, by int32) {
	if l != LookAbsent && l != LookEnded {
		s.there += by
	}
	if l == LookWaiting {
		s.waiting += by
	}
}

// after returns the sample after event n; an approximate one, if samples have been dropped.
func (g *Group) after(n int) sample {
	i := sort.Search(len(g.past), func(i int) bool { return int(g.past[i].at) > n })
	if i == 0 {
		return sample{}
	}
	return g.past[i-1]
}

// Mark returns the mark of a column that ends at event m: the number of members waiting then.
func (g *Group) Mark(m int) (string, cells.Style) {
	switch s := g.after(m); {
	case s.there <= 0:
		return cells.LaneAbsent, cells.StyleLine
	case s.waiting <= 0:
		return cells.LaneRunning, cells.StyleRunning
	default:
		return cells.Level(int(s.waiting), int(s.there)), cells.StyleWaiting
	}
}

// A nameKey is a name split so that numbers are ordered by value: worker-2 comes before worker-10.
type nameKey struct {
	pattern string // the name with its last number replaced by "*"
	number  string // without leading zeros
	name    string // "" if there is no number
}

// keyOf splits name.
func keyOf(name string) nameKey {
	end := strings.LastIndexAny(name, "0123456789") + 1
	if end == 0 {
		return nameKey{pattern: name, name: name}
	}
	begin := end
	for begin > 0 && name[begin-1] >= '0' && name[begin-1] <= '9' {
		begin--
	}
	return nameKey{name[:begin] + "*" + name[end:], strings.TrimLeft(name[begin:end], "0"), name}
}

// compare orders keys with the same pattern.
func (k *nameKey) compare(o *nameKey) int {
	return cmp.Or(cmp.Compare(len(k.number), len(o.number)), cmp.Compare(k.number, o.number), cmp.Compare(k.name, o.name))
}

// Compare orders lanes of the same group by name.
func (ln *Lane) Compare(o *Lane) int { return ln.key.compare(&o.key) }
