package tui

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
)

// A reel is what the player plays: events, which may still be coming in, and what can be looked up about them.
type reel struct {
	tl     timeline.Timeline
	cursor *timeline.Cursor
	behind *timeline.Cursor // see at
	hist   history
	clocks [2]clock // by recorded time, and with even steps
	even   bool

	start *timeline.State // what the first event follows, if what came before is not kept; see keep.go
	gone  int             // … and how many events that was
	keep  int             // how many events are kept at least; 0: all
	heir  *reel           // what takes its place when it holds as many

	whole    bool                          // all events were there from the start: see load
	known    map[trace.ID]*timeline.Object // those that there were, as they were when they were defined or named
	seen     []*timeline.Object            // what was shown of other courses of the same run, which has its place; see keepPlaces
	cast     []*timeline.Object            // what is shown of all that there is, and
	castAt   int                           // … the number of events when that was made
	progress func(n int)                   // told of events that were taken in, now and then; nil: nobody is

	told  int      // how many events have told something
	dead  int      // how many deadlocks there were when it was last looked
	worst []string // the deadlock about which there is most to say, for which there is room from the start

	sudden bool // a deadlock may come for which no room has been kept

	stuckAt   int // the event after which stuck and sentences hold
	stuck     []int64
	sentences []string
	short     string
}

func newReel() *reel {
	r := &reel{sudden: true}
	r.clocks[1].even = true
	r.cursor, r.behind = r.tl.Cursor(), r.tl.Cursor()
	return r
}

// add appends events.
func (r *reel) add(events []trace.Event) {
	for i := range events {
		_ = r.tl.Append(events[i]) // an event that cannot be is shown as it came
		r.note(r.tl.Len())
		r.bequeath(&events[i])
	}
}

// setEven changes between recorded time and even steps, and returns the clock for it.
func (r *reel) setEven(even bool) *clock {
	r.even = even
	return r.clock()
}

// load makes events what the reel holds, which must be empty. It keeps them.
func (r *reel) load(ctx context.Context, events []trace.Event) error {
	r.whole, r.sudden = true, false
	r.clocks[0].grow(len(events))
	err := r.tl.Load(ctx, events, func(n int) {
		if r.note(n); r.progress != nil && n%workSlice == 0 {
			r.progress(n)
		}
	})
	r.sudden = !r.foresees()
	return err // it is the cause of ctx
}

// foresees reports whether there are so few events and goroutines that each deadlock was looked for.
func (r *reel) foresees() bool {
	return r.len() <= mostForWorst && len(r.tl.Now().Goroutines()) <= mostStuck
}

// note takes down what can be looked up about event n, the last one.
func (r *reel) note(n int) {
	ev := r.tl.Event(n - 1)
	r.hist.note(n, &ev, r.tl.Now())
	if ev.Kind == trace.KindDefineObj || ev.Kind == trace.KindRename {
		r.know(r.tl.Now().Object(ev.Obj))
	}
	if s := r.tl.Now(); ev.Kind == trace.KindBlock && n <= mostForWorst && len(s.Goroutines()) <= mostStuck {
		ds := s.Deadlocks()
		if len(ds) > r.dead {
			r.hist.wrong(n)
		}
		r.dead = len(ds)
		if !r.sudden {
			r.noteWorst(sentencesOf(s, ds))
		}
	}
	tells := r.tells(&ev)
	if tells {
		r.told++
	}
	r.clocks[0].add(ev, tells)
}

// tells reports whether ev, one of the reel's, shows something: stepping passes over the others.
func (r *reel) tells(ev *trace.Event) bool { return r.tl.Now().Tells(ev) }

// clock returns the clock in use. That with even steps is made when it is needed.
func (r *reel) clock() *clock {
	if r.even {
		k := &r.clocks[1]
		k.grow(r.len() - len(k.pos))
		for _, ev := range r.tl.Events()[len(k.pos):] {
			k.add(ev, r.tells(&ev))
		}
		return k
	}
	return &r.clocks[0]
}

// at returns the State after event n, which holds until the next call. It is quick if n is not much greater than that of the
// call before.
func (r *reel) at(n int) *timeline.State {
	r.behind.Seek(n)
	return r.behind.State()
}

// len returns the number of events.
func (r *reel) len() int { return r.tl.Len() }

// scene returns the scene at position pos, as if the playhead had been there for ease.
func (r *reel) scene(pos, ease time.Duration) *scene {
	k := r.clock()
	n := k.count(pos)
	r.cursor.Seek(n)
	r.findDeadlocks(n)
	return &scene{
		s: r.cursor.State(), hist: &r.hist, clock: k, n: n, pos: pos, ease: ease, now: k.timeAt(pos),
		stuck: r.stuck, deadlocks: r.sentences, deadlock: r.short, cast: r.all(), worst: r.worst, sudden: r.sudden,
	}
}

// maxKnown is how many objects that have come to their end are still shown.
const maxKnown = 1024

// know notes that o is there, which a State forgets when it comes to its end.
func (r *reel) know(o *timeline.Object) {
	if o == nil || r.known[o.ID] == nil && len(r.known) >= maxKnown {
		return
	}
	if r.known == nil {
		r.known = make(map[trace.ID]*timeline.Object)
	}
	r.known[o.ID] = o
}

// all returns the objects that are shown, as they are after all events or were when they came to their end.
func (r *reel) all() []*timeline.Object {
	n := r.tl.Len()
	if r.castAt == n {
		return r.cast
	}
	r.cast, r.castAt = nil, n
	now := r.tl.Now()
	for _, o := range now.Objects() {
		if hasPanel(o) {
			r.cast = append(r.cast, o)
		}
	}
	for id, o := range r.known {
		if now.Object(id) == nil && hasPanel(o) {
			r.cast = append(r.cast, o)
		}
	}
	slices.SortFunc(r.cast, func(a, b *timeline.Object) int { return cmp.Compare(a.ID, b.ID) })
	if r.whole {
		inFamilies(r.cast)
	}
	if len(r.seen) > 0 {
		r.cast = keepPlaces(r.cast, r.seen)
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

// noteWorst notes sentences about deadlocks if they are longer than those before.
func (r *reel) noteWorst(sentences []string) {
	if len(strings.Join(sentences, "")) > len(strings.Join(r.worst, "")) {
		r.worst = sentences
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
		return fmt.Sprintf("%s deadlocks, of %s goroutines", number(len(ds)), number(n))
	case n == 1:
		return "deadlock: " + names[0] + " waits for itself"
	case n <= most:
		return "deadlock: " + strings.Join(names[:n-1], ", ") + " and " + names[n-1] + " wait for each other"
	default:
		return fmt.Sprintf("deadlock: %s goroutines wait for each other", number(n))
	}
}

// findDeadlocks finds the goroutines that wait in a cycle after event n, which is where the cursor is.
func (r *reel) findDeadlocks(n int) {
	if r.stuckAt == n {
		return
	}
	s := r.cursor.State()
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

// next returns the next event after n at which there is something to see, or 0 if there is none.
func (r *reel) next(n int) int {
	for i := n; i < r.len(); i++ {
		if ev := r.tl.Event(i); r.tells(&ev) {
			return i + 1
		}
	}
	return 0
}

// previous returns the last event before n after which there is something to see, or 0 if there is none.
func (r *reel) previous(n int) int {
	for i := n - 2; i >= 0; i-- {
		if ev := r.tl.Event(i); r.tells(&ev) {
			return i + 1
		}
	}
	return 0
}
