package scene

import (
	"cmp"
	"sort"
	"strings"

	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// A Crowd is a group of goroutines whose names differ only in a number, such as worker-1 and worker-2. It records the number of
// waiting members over time.
type Crowd struct {
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

// maxSamples is the maximum number of samples of a crowd. When it is reached, every other one is dropped.
const maxSamples = 1 << 15

// change records that the look of a member has changed from was to is at event n.
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

// after returns the sample after event n; an approximate one, if samples have been dropped.
func (w *Crowd) after(n int) sample {
	i := sort.Search(len(w.past), func(i int) bool { return int(w.past[i].at) > n })
	if i == 0 {
		return sample{}
	}
	return w.past[i-1]
}

// Mark returns the mark of a column that ends at event m: the number of members waiting then.
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

// Compare orders lanes of the same crowd by name.
func (ln *Lane) Compare(o *Lane) int { return ln.key.compare(&o.key) }
