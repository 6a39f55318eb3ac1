package scene

import (
	"cmp"
	"sort"
	"strings"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A Crowd is goroutines whose names differ in a number only, such as worker-1 and worker-2, and how many of them were at
// what at each moment.
type Crowd struct {
	ID   int    // in order of appearance
	Name string // "worker-*"

	members int // there have been
	now     sample
	past    []sample
	every   int32 // how many events there are between two of past at least
}

// A sample is how many of a crowd were there after event number at, and how many of these waited.
type sample struct {
	at             int32
	there, waiting int32
}

// maxSamples is how many samples of a crowd are kept. If there are more to come, every other one is forgotten.
const maxSamples = 1 << 15

// change notes that one of the crowd has looked like was and looks like is since event n.
func (w *Crowd) change(n int, was, is Look) {
	before := w.now
	w.now.count(was, -1)
	w.now.count(is, 1)
	if w.members < 2 || w.now.there == before.there && w.now.waiting == before.waiting && len(w.past) > 0 {
		return
	}
	w.now.at = int32(min(n, 1<<31-1))
	if k := len(w.past); k > 0 && w.now.at-w.past[k-1].at < max(1, w.every) {
		at := w.past[k-1].at
		w.past[k-1] = w.now
		w.past[k-1].at = at
		return
	}
	w.past = append(w.past, w.now)
	if len(w.past) < maxSamples {
		return
	}
	for i := range maxSamples / 2 {
		w.past[i] = w.past[2*i+1]
		w.past[i].at = w.past[2*i].at
	}
	w.past = w.past[:maxSamples/2]
	w.every = max(1, w.every) * 2
}

func (s *sample) count(l Look, by int32) {
	if l != LookAbsent && l != LookEnded {
		s.there += by
	}
	if l == LookWaiting {
		s.waiting += by
	}
}

// after returns how many of the crowd were there after event n, and how many waited; about so if there have been very many
// changes.
func (w *Crowd) after(n int) sample {
	i := sort.Search(len(w.past), func(i int) bool { return int(w.past[i].at) > n })
	if i == 0 {
		return sample{}
	}
	return w.past[i-1]
}

// Mark returns what a column shows that reaches from event n to event m: how many of the crowd wait at its end.
func (w *Crowd) Mark(m int) (string, cells.Style) {
	switch s := w.after(m); {
	case s.there <= 0:
		return cells.LaneAbsent, cells.StyleLine
	case s.waiting <= 0:
		return cells.LaneRunning, cells.StyleRunning
	default:
		return cells.Level(int(s.waiting), int(s.there)), cells.StyleWaiting
	}
}

// A nameKey is a name in parts, by which names are ordered as people would: worker-2 comes before worker-10.
type nameKey struct {
	pattern string // with its last number as "*"; the name itself if it has none
	number  string // without leading zeros
	name    string // "" if it has none
}

// keyOf returns the parts of name.
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

// compare orders the keys of one pattern.
func (k *nameKey) compare(o *nameKey) int {
	return cmp.Or(cmp.Compare(len(k.number), len(o.number)), cmp.Compare(k.number, o.number), cmp.Compare(k.name, o.name))
}

// Compare orders the lanes of one crowd, by name.
func (ln *Lane) Compare(o *Lane) int { return ln.key.compare(&o.key) }
