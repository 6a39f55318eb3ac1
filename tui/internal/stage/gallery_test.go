package stage

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// A pose brings an object of a class into each state; nil means that the class does not have that state.
type pose struct {
	n     int64                  // of its definition
	verb  string                 // of the goroutines that wait; "" if none can
	at    string                 // the object they wait at, if it is a part
	setup func(t *tuitest.Trace) // adds objects that belong to it
	held  func(t *tuitest.Trace) // makes it held, or not empty
	ends  func(t *tuitest.Trace) // makes it broken, closed, canceled, failed or given up
}

// does returns a function that appends an event of kind k, of goroutine ann.
func does(k trace.Kind, obj string, n int64, text string) func(t *tuitest.Trace) {
	return func(t *tuitest.Trace) { t.Say(k, "ann", obj, n, text) }
}

func inTurn(all ...func(t *tuitest.Trace)) func(t *tuitest.Trace) {
	return func(t *tuitest.Trace) {
		for _, f := range all {
			f(t)
		}
	}
}

// child returns a function that adds an object that belongs to the one of the pose.
func child(name string, class trace.Class) func(t *tuitest.Trace) {
	return func(t *tuitest.Trace) { t.Object(name, class, 0, "thing") }
}

var (
	twoItems = func(t *tuitest.Trace) {
		for i, s := range []string{"plate", "cup"} {
			t.Add(trace.Event{Kind: trace.KindPut, G: t.G("ann"), Obj: t.Objs["thing"], N: int64(i + 1), Text: s, Peer: int64(i)})
		}
	}
	triesInVain = does(trace.KindTryFail, "thing", 1, "Try")
	submit      = func(t *tuitest.Trace) {
		t.Add(trace.Event{Kind: trace.KindSubmit, G: t.G("ann"), Obj: t.Objs["part"], Peer: int64(t.Objs["thing"])})
	}
	fails = does(trace.KindSettle, "part", int64(timeline.ProgressFailed), "fetch: no such page")
)

// watches returns a function that makes ann wait for obj, at the object of the pose.
func watches(obj string, n int64, what string) func(t *tuitest.Trace) {
	return func(t *tuitest.Trace) {
		t.Add(trace.Event{Kind: trace.KindWatch, G: t.G("ann"), Obj: t.Objs[obj], Peer: int64(t.Objs["thing"]), N: n, Text: what})
	}
}

var poses = map[trace.Class]pose{
	trace.ClassBarrier: {n: 100, verb: "Wait", held: func(t *tuitest.Trace) { t.Do(trace.KindArrive, "cleo", "thing", 0).Block("cleo", "thing", "Wait", 1) },
		ends: does(trace.KindBreak, "thing", int64(trace.ReasonAborted), "order canceled")},
	trace.ClassEvent:     {verb: "Wait", held: does(trace.KindSet, "thing", 0, "")},
	trace.ClassSemaphore: {n: 3, verb: "Acquire", held: does(trace.KindAcquire, "thing", 2, ""), ends: triesInVain},
	trace.ClassMutex:     {verb: "Lock", held: does(trace.KindAcquire, "thing", 1, ""), ends: triesInVain},
	trace.ClassReentrantLock: {verb: "Lock", held: inTurn(does(trace.KindAcquire, "thing", 1, ""), does(trace.KindAcquire, "thing", 2, "")),
		ends: does(trace.KindFail, "thing", 0, "panic: out of paper")},
	trace.ClassLocal: {held: does(trace.KindSetValue, "thing", 0, "1000"), ends: does(trace.KindDropValue, "thing", 0, "")},
	trace.ClassCond: {verb: "Wait", setup: child("lock", trace.ClassMutex), held: func(t *tuitest.Trace) { t.Do(trace.KindNotify, "ann", "thing", 0) },
		ends: func(t *tuitest.Trace) {
			t.Block("cleo", "thing", "Wait", 1).Do(trace.KindGiveUp, "cleo", "thing", int64(trace.ReasonTimedOut))
		}},
	trace.ClassQueue:         {n: 4, verb: "Get", held: twoItems, ends: does(trace.KindClose, "thing", 0, "")},
	trace.ClassStack:         {n: 4, verb: "Get", held: twoItems, ends: does(trace.KindClose, "thing", 0, "")},
	trace.ClassPriorityQueue: {verb: "Get", held: twoItems, ends: does(trace.KindClose, "thing", 0, "")},
	trace.ClassExecutor: {n: 2, verb: "Shutdown", setup: inTurn(child("part", trace.ClassFuture), submit), held: does(trace.KindTaskStart, "part", 0, ""),
		ends: inTurn(does(trace.KindClose, "thing", 0, ""), fails)},
	trace.ClassFuture: {verb: "Result", held: does(trace.KindTaskStart, "thing", 0, ""), ends: does(trace.KindSettle, "thing", int64(timeline.ProgressCanceled), "")},
	trace.ClassGroup: {n: 2, verb: "WaitAll", setup: inTurn(child("part", trace.ClassFuture), watches("part", int64(timeline.ProgressPending), "")),
		held: does(trace.KindTaskStart, "part", 0, ""), ends: fails},
	trace.ClassVar:     {held: does(trace.KindWrite, "thing", 0, "41"), ends: inTurn(does(trace.KindRead, "thing", 0, "41"), does(trace.KindWrite, "thing", 0, "42"))},
	trace.ClassAtomic:  {held: does(trace.KindWrite, "thing", 0, "41")},
	trace.ClassChan:    {n: 3, verb: "receive", held: twoItems, ends: does(trace.KindClose, "thing", 0, "")},
	trace.ClassNilChan: {verb: "receive", ends: does(trace.KindFail, "thing", 0, "deadlock: ann waits forever")},
	trace.ClassSelect:  {verb: "select", setup: child("jobs", trace.ClassChan), held: watches("jobs", 0, "receive")},
	trace.ClassRWMutex: {verb: "Lock", held: does(trace.KindAcquire, "thing", 1, "RLock"), ends: triesInVain},
	trace.ClassWaitGroup: {verb: "Wait", held: does(trace.KindAdd, "thing", 2, ""),
		ends: does(trace.KindFail, "thing", 0, "panic: sync: negative WaitGroup counter")},
	trace.ClassOnce:  {verb: "Do", held: does(trace.KindActionBegin, "thing", 0, ""), ends: does(trace.KindActionEnd, "thing", 1, "panic: no")},
	trace.ClassTimer: {held: does(trace.KindSet, "thing", int64(5*time.Second), ""), ends: does(trace.KindClear, "thing", 0, "")},
	trace.ClassClock: {verb: "Sleep"},
	trace.ClassKeyedMutex: {verb: "Lock", at: "part", setup: child("part", trace.ClassMutex), held: does(trace.KindAcquire, "part", 1, ""),
		ends: does(trace.KindTryFail, "part", 1, "TryLock")},
	trace.ClassFlight: {verb: "Do", at: "part", setup: inTurn(child("part", trace.ClassFuture), submit), held: does(trace.KindTaskStart, "part", 0, ""), ends: fails},
	trace.ClassTaskGroup: {n: 2, verb: "Wait", held: func(t *tuitest.Trace) {
		t.Add(trace.Event{Kind: trace.KindSpawn, G: t.G("ann"), Peer: t.G("part-1"), Obj: t.Objs["thing"]})
	}, ends: does(trace.KindCancel, "thing", 0, "the shop is closed")},
	trace.ClassWatch: {n: 1, verb: "Wait", held: does(trace.KindSet, "thing", 2, "debug"), ends: does(trace.KindClose, "thing", 0, "")},
	trace.ClassOther: {verb: "receive", held: does(trace.KindOp, "thing", 0, "opens it")},
}

// stances are the states in which each class is drawn.
var stances = []string{"idle", "held", "waited for", "broken", "many"}

// take returns a scene with an object of the class in the given stance; nil if the class does not have it.
func (p *pose) take(class trace.Class, stance string) (*scene.Scene, trace.ID) {
	t := tuitest.NewTrace("main", "ann", "ben", "cleo").Object("thing", class, p.n, "")
	if p.setup != nil {
		p.setup(t)
	}
	where := "thing"
	if p.at != "" {
		where = p.at
	}
	wait := func(n int) {
		for i := range n {
			name := []string{"ben", "cleo", "main"}[min(i, 2)]
			if i > 1 {
				name = fmt.Sprintf("worker-%d", i)
			}
			if class == trace.ClassBarrier {
				t.Do(trace.KindArrive, name, "thing", int64(i))
			}
			t.After(100*ms).Block(name, where, p.verb, 1)
		}
	}
	if p.held != nil && stance != "idle" && !(class == trace.ClassBarrier && stance != "held") && !(class == trace.ClassEvent && stance != "held") {
		p.held(t)
	}
	switch {
	case stance == "held" && p.held == nil, (stance == "waited for" || stance == "many") && p.verb == "", stance == "broken" && p.ends == nil:
		return nil, 0
	case stance == "waited for":
		wait(2)
	case stance == "many":
		wait(60)
	case stance == "broken":
		if p.verb != "" && class != trace.ClassFuture {
			wait(1)
		}
		p.ends(t)
	}
	return stillOf(t), t.Objs["thing"]
}

// A guise is a way of drawing an object.
type guise struct {
	name string
	w, h int
	row  bool
	on   func() *cells.Theme // nil: as text
}

var guises = []guise{
	{name: "row", w: 79, h: 1, row: true},
	{name: "row-with-sentence", w: 77, h: 2, row: true},
	{name: "least", w: MinPanelW, h: MinPanelH},
	{name: "79x11", w: 79, h: 11},
	{name: "77x20", w: 77, h: 20},
	{name: "dark", w: MinPanelW, h: MinPanelH, on: func() *cells.Theme { return cells.NewTheme(cells.PaletteDark, false, colorprofile.TrueColor) }},
	{name: "light", w: MinPanelW, h: MinPanelH, on: func() *cells.Theme { return cells.NewTheme(cells.PaletteLight, false, colorprofile.TrueColor) }},
	{name: "unknown", w: MinPanelW, h: MinPanelH, on: func() *cells.Theme { return cells.NewTheme(cells.PaletteSafe, false, colorprofile.ANSI256) }},
	{name: "contrast", w: 79, h: 1, row: true, on: func() *cells.Theme {
		return cells.NewTheme(cells.PaletteDark, false, colorprofile.TrueColor).Contrast()
	}},
	{name: "ascii", w: MinPanelW, h: MinPanelH, on: func() *cells.Theme { return cells.NewTheme(cells.PaletteDark, true, colorprofile.ASCII) }},
}

// draw draws object id of sc.
func (f *guise) draw(t *testing.T, sc *scene.Scene, id trace.ID) string {
	t.Helper()
	o := sc.State.Object(id)
	c := cells.NewCanvas(f.w, f.h)
	area := cells.Area(0, 0, f.w, f.h)
	st := &stage{sc: sc}
	st.area = area
	if f.row {
		nameW, stateW := st.rowWidths([]*timeline.Object{o}, f.w)
		st.row(area, o, nameW, stateW)
	} else {
		st.panel(area, o)
	}
	st.Draw(c)
	st.drawTokens(c, sc, nil)
	tuitest.Fits(t, c)
	if s := c.String(); tuitest.CountOfOne.MatchString(s) || tuitest.Cut.MatchString(s) {
		t.Errorf("a count of one, or something cut:\n%s", s)
	}
	if f.on == nil {
		return c.String()
	}
	return c.Render(f.on()) + "\n"
}

// TestGallery draws an object of each class in each state, as a row and as a panel, in several sizes and themes. States that a
// class does not have are named in the golden files, too, so that a new class must be added here.
func TestGallery(t *testing.T) {
	classes := slices.Sorted(maps.Keys(panels))
	for _, class := range append(classes, trace.ClassOther) {
		if panels[class] == nil && class != trace.ClassOther {
			continue
		}
		if _, posed := poses[class]; !posed {
			t.Errorf("%v has no pose", class)
		}
	}
	for _, f := range guises {
		t.Run(f.name, func(t *testing.T) {
			var b strings.Builder
			for _, class := range slices.Sorted(maps.Keys(poses)) {
				p := poses[class]
				for _, stance := range stances {
					sc, id := p.take(class, stance)
					if sc == nil {
						continue
					}
					fmt.Fprintf(&b, "%v, %s:\n%s", class, stance, f.draw(t, sc, id))
				}
			}
			golden.RequireEqual(t, b.String())
		})
	}
}
