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

// A Recording is a trace that the player plays, with indexes. Events may still be added.
type Recording struct {
	Timeline timeline.Timeline
	Cursor   *timeline.Cursor
	behind   *timeline.Cursor // see At
	hist     History
	clocks   [2]Clock // for recorded time, and for even steps
	Even     bool

	Start *timeline.State // the State before the first event, if earlier ones were discarded; see keep.go
	Gone  int             // the number of discarded events
	keep  int             // the minimum number of events to keep; 0: all
	next  *Recording      // replaces the recording when it has as many events

	whole     bool                          // all events were there from the start; see Load
	known     map[trace.ID]*timeline.Object // all objects so far, as they were when they were defined or named
	Seen      []*timeline.Object            // objects shown of other schedules of the same program, which keep their places; see keepPlaces
	objects   []*timeline.Object            // the objects that are shown
	objectsAt int                           // the number of events for which objects was computed
	Progress  func(n int)                   // called from time to time with the number of events processed; may be nil

	Told  int      // the number of visible events
	dead  int      // the number of deadlocks when it was last checked
	Worst []string // the longest description of a deadlock, for which space is reserved from the start

	Sudden bool // a deadlock may occur for which no space is reserved

	stuckAt   int // the event for which stuck and sentences hold
	stuck     []int64
	sentences []string
	short     string
}

// NewRecording returns an empty recording.
func NewRecording() *Recording {
	r := &Recording{Sudden: true}
	r.clocks[1].Even = true
	r.Cursor, r.behind = r.Timeline.Cursor(), r.Timeline.Cursor()
	return r
}

// Add appends events.
func (r *Recording) Add(events []trace.Event) {
	for i := range events {
		_ = r.Timeline.Append(events[i]) // an invalid event is shown as it is
		r.note(r.Timeline.Len())
		r.extendNext(&events[i])
	}
}

// SetEven switches between recorded time and even steps, and returns the clock for it.
func (r *Recording) SetEven(even bool) *Clock {
	r.Even = even
	return r.Clock()
}

// tellEvery is the number of events between two calls of Progress.
const tellEvery = 8192

// Load sets the events of the recording, which must be empty. It keeps the slice.
func (r *Recording) Load(ctx context.Context, events []trace.Event) error {
	r.whole, r.Sudden = true, false
	r.clocks[0].grow(len(events))
	err := r.Timeline.Load(ctx, events, func(n int) {
		if r.note(n); r.Progress != nil && n%tellEvery == 0 {
			r.Progress(n)
		}
	})
	r.Sudden = !r.foresees()
	return err // the cause of ctx
}

// foresees reports whether there are so few events and goroutines that deadlocks were searched for after every event.
func (r *Recording) foresees() bool {
	return r.Len() <= mostForWorst && len(r.Timeline.Now().Goroutines()) <= mostStuck
}

// note indexes event n, the last one.
func (r *Recording) note(n int) {
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

// Tells reports whether ev, an event of the recording, is visible; stepping skips the others.
func (r *Recording) Tells(ev *trace.Event) bool { return r.Timeline.Now().Visible(ev) }

// Clock returns the current clock. The one with even steps is made when it is needed.
func (r *Recording) Clock() *Clock {
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

// At returns the State after event n, which is valid until the next call. It is fast if n is not much greater than in the
// previous call.
func (r *Recording) At(n int) *timeline.State {
	r.behind.Seek(n)
	return r.behind.State()
}

// CountAt returns the number of events up to recorded time t.
func (r *Recording) CountAt(t time.Duration) int { return r.clocks[0].CountAt(t) }

// Seek moves to the State after event n, which Now then returns.
func (r *Recording) Seek(n int) { r.Cursor.Seek(n) }

// Now returns the State of the last Scene or Seek.
func (r *Recording) Now() *timeline.State { return r.Cursor.State() }

// Trouble returns the events at which something went wrong, in ascending order.
func (r *Recording) Trouble() []int32 { return r.hist.trouble }

// Len returns the number of events.
func (r *Recording) Len() int { return r.Timeline.Len() }

// Scene returns the scene at position pos, as if the playhead had been there for ease.
func (r *Recording) Scene(pos, ease time.Duration) *Scene {
	k := r.Clock()
	n := k.Count(pos)
	r.Cursor.Seek(n)
	r.findDeadlocks(n)
	return &Scene{
		State: r.Cursor.State(), History: &r.hist, Clock: k, N: n, Pos: pos, Ease: ease, Now: k.TimeAt(pos),
		Stuck: r.stuck, Deadlocks: r.sentences, Deadlock: r.short, Objects: r.Objects(), Worst: r.Worst, Sudden: r.Sudden,
	}
}

// maxKnown is the maximum number of deleted objects that are still shown.
const maxKnown = 1024

// know remembers o, which a State forgets when it is deleted.
func (r *Recording) know(o *timeline.Object) {
	if o == nil || r.known[o.ID] == nil && len(r.known) >= maxKnown {
		return
	}
	if r.known == nil {
		r.known = make(map[trace.ID]*timeline.Object)
	}
	r.known[o.ID] = o
}

// IsShown reports whether o is shown by itself. Goroutines are shown at objects, the futures of an executor or flight with that,
// and the keys of a keyed mutex with that; internal objects of the standard library are not shown.
func IsShown(o *timeline.Object) bool {
	switch o.Class {
	case trace.ClassNone, trace.ClassGoroutine:
		return false
	case trace.ClassFuture, trace.ClassMutex:
		return o.Parent == 0
	case trace.ClassAtomic: // their values are not always known
		return o.Result != ""
	default:
		return !o.Internal()
	}
}

// Objects returns the objects that are shown, in their final state.
func (r *Recording) Objects() []*timeline.Object {
	n := r.Timeline.Len()
	if r.objectsAt == n {
		return r.objects
	}
	r.objects, r.objectsAt = nil, n
	now := r.Timeline.Now()
	for _, o := range now.Objects() {
		if IsShown(o) {
			r.objects = append(r.objects, o)
		}
	}
	for id, o := range r.known {
		if now.Object(id) == nil && IsShown(o) {
			r.objects = append(r.objects, o)
		}
	}
	slices.SortFunc(r.objects, func(a, b *timeline.Object) int { return cmp.Compare(a.ID, b.ID) })
	if r.whole {
		inFamilies(r.objects)
	}
	if len(r.Seen) > 0 {
		r.objects = keepPlaces(r.objects, r.Seen)
	}
	return r.objects
}

// inFamilies sorts objects whose names differ only in the number at the end, such as fork-1 and fork-2, by these numbers, among
// the places that they have, which may be in order of first use. All others stay in place.
func inFamilies(objects []*timeline.Object) {
	type family struct {
		class trace.Class
		name  string
	}
	type member struct{ number, at int }
	families := make(map[family][]member)
	for at, o := range objects {
		if name, number, ok := numbered(o.Name); ok {
			f := family{o.Class, name}
			families[f] = append(families[f], member{number, at})
		}
	}
	was := slices.Clone(objects)
	for _, members := range families {
		sorted := slices.Clone(members)
		slices.SortStableFunc(sorted, func(a, b member) int { return cmp.Compare(a.number, b.number) })
		for i, m := range members {
			objects[m.at] = was[sorted[i].at]
		}
	}
}

// numbered splits a name before the number at its end.
func numbered(name string) (before string, number int, ok bool) {
	before = strings.TrimRight(name, "0123456789")
	number, err := strconv.Atoi(name[len(before):])
	return before, number, err == nil
}

// keepPlaces returns objects in the order of seen, which are those of other schedules of the same program, followed by the ones that
// are not in seen. An object of seen that is not in objects is replaced by one that no State knows.
func keepPlaces(objects, seen []*timeline.Object) []*timeline.Object {
	objects = slices.Clone(objects)
	kept := make([]*timeline.Object, 0, max(len(objects), len(seen)))
	for i, was := range seen {
		at := slices.IndexFunc(objects, func(o *timeline.Object) bool { return o.Class == was.Class && o.Name == was.Name })
		if at < 0 {
			kept = append(kept, &timeline.Object{ID: math.MaxInt64 - trace.ID(i), Class: was.Class, Name: was.Name})
			continue
		}
		kept = append(kept, objects[at])
		objects = slices.Delete(objects, at, at+1)
	}
	return append(kept, objects...)
}

// The limits up to which deadlocks are searched for in advance: the number of events, and of goroutines.
const (
	mostForWorst = 50_000
	mostStuck    = 64
)

// NoteWorst stores sentences about deadlocks if they are longer than the previous ones.
func (r *Recording) NoteWorst(sentences []string) {
	if len(strings.Join(sentences, "")) > len(strings.Join(r.Worst, "")) {
		r.Worst = sentences
	}
}

// sentencesOf describes each of ds in a sentence.
func sentencesOf(s *timeline.State, ds []timeline.Deadlock) (sentences []string) {
	for _, d := range ds {
		sentences = append(sentences, cells.Clean(s.Words().Deadlock(d)))
	}
	return sentences
}

// shortSentence briefly names the goroutines of ds, or counts them; it returns "" if there is no deadlock.
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

// findDeadlocks finds the goroutines that wait in a cycle after event n, where the cursor is.
func (r *Recording) findDeadlocks(n int) {
	if r.stuckAt == n {
		return
	}
	s := r.Cursor.State()
	ds := s.Deadlocks()
	r.stuckAt, r.stuck, r.sentences, r.short = n, nil, sentencesOf(s, ds), shortSentence(s, ds)
	for _, d := range ds {
		for _, l := range d {
			r.stuck = append(r.stuck, l.G)
			o := s.Object(l.Holds)
			if o == nil || o.Class != trace.ClassFuture || o.Progress != timeline.ProgressPending {
				continue
			}
			if e := s.Object(o.Parent); e != nil { // any worker could help, so all of them are stuck
				for _, h := range e.Busy {
					r.stuck = append(r.stuck, h.G)
				}
			}
		}
	}
}

// Next returns the next visible event after n, or 0 if there is none.
func (r *Recording) Next(n int) int {
	for i := n; i < r.Len(); i++ {
		if ev := r.Timeline.Event(i); r.Tells(&ev) {
			return i + 1
		}
	}
	return 0
}

// Previous returns the last event before n that is visible, or 0 if there is none.
func (r *Recording) Previous(n int) int {
	for i := n - 2; i >= 0; i-- {
		if ev := r.Timeline.Event(i); r.Tells(&ev) {
			return i + 1
		}
	}
	return 0
}
