//go:build turnstile_goroot

package bridge

import (
	"cmp"
	"slices"
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
)

// A waiter has the layout of the runtime's tsWaiter.
type waiter struct {
	g   unsafe.Pointer
	n   int
	may bool
}

// rtReach is in the patched runtime, see internal/goroot/files/runtime_reach.go.txt.
//
//go:linkname rtReach runtime.tsReach
func rtReach(waiters []waiter, on, blind, seen, left []uintptr) bool

// The initial and the maximum number of objects that the walk through memory has room for.
const (
	fewObjects  = 1 << 15
	mostObjects = 1 << 22
)

// room is the memory of the last walk; most walks need the same.
var room []uintptr

// StuckForever returns the tasks of x, by id, that wait forever though others can go on: those that wait for a
// channel, a lock or the like that no goroutine that can still go on can reach. It finds none where that is
// unknown, as while a task waits for outside input.
//
// The algorithm is that of leak detection by the garbage collector (Saioc et al., "Dynamic Partial Deadlock Detection and
// Recovery via Garbage Collection", ASPLOS 2025).
func StuckForever(x *engine.Execution) []*engine.Task {
	if x.WaitsOutside() || engine.Loose.Load() > 0 {
		return nil
	}
	type task struct {
		t   *engine.Task
		on  []uintptr
		may bool
	}
	all, blocked := make([]task, 0, len(x.Live)), 0
	for _, t := range x.Live {
		on, waits := waitsFor(t)
		all = append(all, task{t, on, !waits})
		if waits {
			blocked++
		}
	}
	if blocked == 0 {
		return nil
	}
	slices.SortFunc(all, func(a, b task) int {
		return cmp.Compare(uintptr(a.t.Thread.Goroutine()), uintptr(b.t.Thread.Goroutine()))
	})
	waiters, on := make([]waiter, len(all)), []uintptr(nil)
	for i := range all {
		on = append(on, all[i].on...)
	}
	blind := append(x.Own(), uintptr(unsafe.Pointer(unsafe.SliceData(run.table))))
	for i := range run.table {
		if o := run.table[i].o; o != nil {
			blind = append(blind, uintptr(unsafe.Pointer(o)))
		}
	}
	known := reach(func() []waiter {
		for i, t := range all {
			waiters[i] = waiter{g: t.t.Thread.Goroutine(), n: len(t.on), may: t.may}
		}
		return waiters
	}, on, blind)
	if !known {
		return nil
	}
	var stuck []*engine.Task
	for i, t := range all {
		if !waiters[i].may && !t.t.MayStay() {
			stuck = append(stuck, t.t)
		}
	}
	slices.SortFunc(stuck, func(a, b *engine.Task) int { return cmp.Compare(a.ID, b.ID) })
	return stuck
}

// reach determines which of the tasks returned by tasks may go on, and reports whether that is known.
func reach(tasks func() []waiter, on, blind []uintptr) bool {
	for n := max(len(room)*2/3, fewObjects); n <= mostObjects; n *= 4 {
		if len(room) != n/2*3 {
			room = make([]uintptr, n/2*3)
		} else {
			clear(room)
		}
		if rtReach(tasks(), on, blind, room[:n], room[n:]) {
			return true
		}
	}
	return false
}

// waitsFor returns the objects that t waits for, and reports whether it waits for nothing else, such as a time.
// They are not pointers, since otherwise a dead variable of ours could make an object count as reachable by the
// program.
func waitsFor(t *engine.Task) (on []uintptr, ok bool) {
	if t.Limited() {
		return nil, false
	}
	obj := t.Exec.Objects[t.Op.Obj].Ref
	if _, plain := obj.(*object); obj != nil && !plain {
		return nil, false
	}
	var p unsafe.Pointer
	var cases []engine.Case
	switch t.Status { //nolint:exhaustive // the others can go on
	case engine.StatusPointed:
		c := t.Cond
		if c == nil || !c.Plain() || t.Can() {
			return nil, false
		}
		if p = c.P; p == nil {
			cases = c.Cases
		}
	case engine.StatusParked:
		if p = t.Plain.P; t.Plain.Verb == "select" {
			p, cases = nil, t.Plain.Cases
		}
	default:
		return nil, false
	}
	on = add(on, p)
	for i := range cases {
		on = add(on, cases[i].Chan)
	}
	return on, true
}

// add appends p, unless that is the nil channel, which is never ready.
func add(on []uintptr, p unsafe.Pointer) []uintptr {
	if p == nil {
		return on
	}
	return append(on, uintptr(p))
}
