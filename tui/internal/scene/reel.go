package scene

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/wording"
)

// A Reel is what the player plays: events, which may still be coming in, and what can be looked up about them.
type Reel struct {
	Timeline timeline.Timeline
	Cursor   *timeline.Cursor
	behind   *timeline.Cursor // see at
	hist     History
	clocks   [2]Clock // by recorded time, and with even steps
	Even     bool

	Start *timeline.State // what the first event follows, if what came before is not kept; see keep.go
	Gone  int             // … and how many events that was
	keep  int             // how many events are kept at least; 0: all
	heir  *Reel           // what takes its place when it holds as many

	whole    bool                          // all events were there from the start: see load
	known    map[trace.ID]*timeline.Object // those that there were, as they were when they were defined or named
	Seen     []*timeline.Object            // what was shown of other courses of the same run, which has its place; see keepPlaces
	cast     []*timeline.Object            // what is shown of all that there is, and
	castAt   int                           // … the number of events when that was made
	Progress func(n int)                   // told of events that were taken in, now and then; nil: nobody is

	Told  int      // how many events have told something
	dead  int      // how many deadlocks there were when it was last looked
	Worst []string // the deadlock about which there is most to say, for which there is room from the start

	Sudden bool // a deadlock may come for which no room has been kept

	stuckAt   int // the event after which stuck and sentences hold
	stuck     []int64
	sentences []string
	short     string
}

// NewReel returns an empty reel.
func NewReel() *Reel {
	r := &Reel{Sudden: true}
	r.clocks[1].Even = true
	r.Cursor, r.behind = r.Timeline.Cursor(), r.Timeline.Cursor()
	return r
}

// Add appends events.
func (r *Reel) Add(events []trace.Event) {
	for i := range events {
		_ = r.Timeline.Append(events[i]) // an event that cannot be is shown as it came
		r.note(r.Timeline.Len())
		r.bequeath(&events[i])
	}
}

// SetEven changes between recorded time and even steps, and returns the clock for it.
func (r *Reel) SetEven(even bool) *Clock {
	r.Even = even
	return r.Clock()
}

// tellEvery is how many events are taken in from one call of progress to the next.
const tellEvery = 8192

// Load makes events what the reel holds, which must be empty. It keeps them.
func (r *Reel) Load(ctx context.Context, events []trace.Event) error {
	r.whole, r.Sudden = true, false
	r.clocks[0].grow(len(events))
	err := r.Timeline.Load(ctx, events, func(n int) {
		if r.note(n); r.Progress != nil && n%tellEvery == 0 {
			r.Progress(n)
		}
	})
	r.Sudden = !r.foresees()
	return err // it is the cause of ctx
}

// foresees reports whether there are so few events and goroutines that each deadlock was looked for.
func (r *Reel) foresees() bool {
	return r.Len() <= mostForWorst && len(r.Timeline.Now().Goroutines()) <= mostStuck
}

// note takes down what can be looked up about event n, the last one.
func (r *Reel) note(n int) {
	ev := r.Timeline.Event(n - 1)
	r.hist.note(n, &ev, r.Timeline.Now())
	if ev.Kind == trace.KindDefineObj || ev.Kind == trace.KindRename {
		r.know(r.Timeline.Now().Object(ev.Obj))
	}
	if s := r.Timeline.Now(); ev.Kind == trace.KindBlock && n <= mostForWorst && len(s.Goroutines()) <= mostStuck {
		ds := s.Deadlocks()
		if len(ds) > r.dead {
			r.hist.wrong(n)
		}
		r.dead = len(ds)
		if !r.Sudden {
			r.NoteWorst(sentencesOf(s, ds))
		}
	}
	tells := r.Tells(&ev)
	if tells {
		r.Told++
	}
	r.clocks[0].add(ev, tells)
}

// Tells reports whether ev, one of the reel's, shows something: stepping passes over the others.
func (r *Reel) Tells(ev *trace.Event) bool { return r.Timeline.Now().Tells(ev) }

// Clock returns the clock in use. That with even steps is made when it is needed.
func (r *Reel) Clock() *Clock {
	if r.Even {
		k := &r.clocks[1]
		k.grow(r.Len() - len(k.pos))
		for _, ev := range r.Timeline.Events()[len(k.pos):] {
			k.add(ev, r.Tells(&ev))
		}
		return k
	}
	return &r.clocks[0]
}

// At returns the State after event n, which holds until the next call. It is quick if n is not much greater than that of the
// call before.
func (r *Reel) At(n int) *timeline.State {
	r.behind.Seek(n)
	return r.behind.State()
}

// CountAt returns how many events have happened at recorded time t.
func (r *Reel) CountAt(t time.Duration) int { return r.clocks[0].CountAt(t) }

// Seek goes to the State after event n, which is then that of now.
func (r *Reel) Seek(n int) { r.Cursor.Seek(n) }

// Now returns the State of the last scene or seek.
func (r *Reel) Now() *timeline.State { return r.Cursor.State() }

// Trouble returns the events at which something went wrong, in ascending order.
func (r *Reel) Trouble() []int32 { return r.hist.trouble }

// Len returns the number of events.
func (r *Reel) Len() int { return r.Timeline.Len() }

// Scene returns the scene at position pos, as if the playhead had been there for ease.
func (r *Reel) Scene(pos, ease time.Duration) *Scene {
	k := r.Clock()
	n := k.Count(pos)
	r.Cursor.Seek(n)
	r.findDeadlocks(n)
	return &Scene{
		State: r.Cursor.State(), History: &r.hist, Clock: k, N: n, Pos: pos, Ease: ease, Now: k.TimeAt(pos),
		Stuck: r.stuck, Deadlocks: r.sentences, Deadlock: r.short, Cast: r.Cast(), Worst: r.Worst, Sudden: r.Sudden,
	}
}

// maxKnown is how many objects that have come to their end are still shown.
const maxKnown = 1024

// know notes that o is there, which a State forgets when it comes to its end.
func (r *Reel) know(o *timeline.Object) {
	if o == nil || r.known[o.ID] == nil && len(r.known) >= maxKnown {
		return
	}
	if r.known == nil {
		r.known = make(map[trace.ID]*timeline.Object)
	}
	r.known[o.ID] = o
}

// IsShown reports whether o is shown by itself. Goroutines are shown at objects; the futures of an executor or flight belong to it, and
// the keys of a keyed mutex; what is the standard library's own is not shown.
func IsShown(o *timeline.Object) bool {
	switch o.Class {
	case trace.ClassNone, trace.ClassGoroutine:
		return false
	case trace.ClassFuture, trace.ClassMutex:
		return o.Parent == 0
	case trace.ClassAtomic: // whose value is not always told
		return o.Result != ""
	default:
		return !o.Internal()
	}
}

// Cast returns the objects that are shown, as they are after all events or were when they came to their end.
func (r *Reel) Cast() []*timeline.Object {
	n := r.Timeline.Len()
	if r.castAt == n {
		return r.cast
	}
	r.cast, r.castAt = nil, n
	now := r.Timeline.Now()
	for _, o := range now.Objects() {
		if IsShown(o) {
			r.cast = append(r.cast, o)
		}
	}
	for id, o := range r.known {
		if now.Object(id) == nil && IsShown(o) {
			r.cast = append(r.cast, o)
		}
	}
	slices.SortFunc(r.cast, func(a, b *timeline.Object) int { return cmp.Compare(a.ID, b.ID) })
	if r.whole {
		inFamilies(r.cast)
	}
	if len(r.Seen) > 0 {
		r.cast = keepPlaces(r.cast, r.Seen)
	}
	return r.cast
}

// inFamilies lets objects that differ in the number at the end of their names, such as fork-1 and fork-2, stand in the order of
// these numbers: at the places that they have now, which may be those of their first use. All others stay where they are.
func inFamilies(cast []*timeline.Object) {
	type family struct {
		class trace.Class
		name  string
	}
	type member struct{ number, at int }
	families := make(map[family][]member)
	for at, o := range cast {
		if name, number, ok := numbered(o.Name); ok {
			f := family{o.Class, name}
			families[f] = append(families[f], member{number, at})
		}
	}
	was := slices.Clone(cast)
	for _, members := range families {
		sorted := slices.Clone(members)
		slices.SortStableFunc(sorted, func(a, b member) int { return cmp.Compare(a.number, b.number) })
		for i, m := range members {
			cast[m.at] = was[sorted[i].at]
		}
	}
}

// numbered divides a name into the number at its end and what stands before it.
func numbered(name string) (before string, number int, ok bool) {
	before = strings.TrimRight(name, "0123456789")
	number, err := strconv.Atoi(name[len(before):])
	return before, number, err == nil
}

// keepPlaces returns cast in the order of seen, which are objects of other courses of the same run, and behind them what is not
// among these. In the place of one that is not in cast there is an object of which no State knows.
func keepPlaces(cast, seen []*timeline.Object) []*timeline.Object {
	cast = slices.Clone(cast)
	kept := make([]*timeline.Object, 0, max(len(cast), len(seen)))
	for i, was := range seen {
		at := slices.IndexFunc(cast, func(o *timeline.Object) bool { return o.Class == was.Class && o.Name == was.Name })
		if at < 0 {
			kept = append(kept, &timeline.Object{ID: trace.ID(math.MaxInt64 - i), Class: was.Class, Name: was.Name})
			continue
		}
		kept = append(kept, cast[at])
		cast = slices.Delete(cast, at, at+1)
	}
	return append(kept, cast...)
}

// The limits within which deadlocks are looked for in advance: the number of events, and of goroutines.
const (
	mostForWorst = 50_000
	mostStuck    = 64
)

// NoteWorst notes sentences about deadlocks if they are longer than those before.
func (r *Reel) NoteWorst(sentences []string) {
	if len(strings.Join(sentences, "")) > len(strings.Join(r.Worst, "")) {
		r.Worst = sentences
	}
}

// sentencesOf returns each of ds as a sentence.
func sentencesOf(s *timeline.State, ds []timeline.Deadlock) (sentences []string) {
	for _, d := range ds {
		sentences = append(sentences, cells.Clean(s.Words().Sentence(d)))
	}
	return sentences
}

// shortSentence says in a few words which goroutines ds are of, as far as there are not too many of them; "" if there is no deadlock.
func shortSentence(s *timeline.State, ds []timeline.Deadlock) string {
	const most = 3
	var names []string
	for _, d := range ds {
		for _, l := range d {
			names = append(names, cells.Clean(s.Words().GName(l.G)))
		}
	}
	switch n := len(names); {
	case n == 0:
		return ""
	case len(ds) > 1:
		return fmt.Sprintf("%s deadlocks, of %s goroutines", wording.Number(len(ds)), wording.Number(n))
	case n == 1:
		return "deadlock: " + names[0] + " waits for itself"
	case n <= most:
		return "deadlock: " + strings.Join(names[:n-1], ", ") + " and " + names[n-1] + " wait for each other"
	default:
		return fmt.Sprintf("deadlock: %s goroutines wait for each other", wording.Number(n))
	}
}

// findDeadlocks finds the goroutines that wait in a cycle after event n, which is where the cursor is.
func (r *Reel) findDeadlocks(n int) {
	if r.stuckAt == n {
		return
	}
	s := r.Cursor.State()
	ds := s.Deadlocks()
	r.stuckAt, r.stuck, r.sentences, r.short = n, nil, sentencesOf(s, ds), shortSentence(s, ds)
	for _, d := range ds {
		for _, l := range d {
			r.stuck = append(r.stuck, l.G)
			o := s.Object(l.Owes)
			if o == nil || o.Class != trace.ClassFuture || o.Progress != timeline.ProgressPending {
				continue
			}
			if e := s.Object(o.Parent); e != nil { // any of its workers could help, so that all of them are stuck
				for _, h := range e.Busy {
					r.stuck = append(r.stuck, h.G)
				}
			}
		}
	}
}

// Next returns the next event after n at which there is something to see, or 0 if there is none.
func (r *Reel) Next(n int) int {
	for i := n; i < r.Len(); i++ {
		if ev := r.Timeline.Event(i); r.Tells(&ev) {
			return i + 1
		}
	}
	return 0
}

// Previous returns the last event before n after which there is something to see, or 0 if there is none.
func (r *Reel) Previous(n int) int {
	for i := n - 2; i >= 0; i-- {
		if ev := r.Timeline.Event(i); r.Tells(&ev) {
			return i + 1
		}
	}
	return 0
}
