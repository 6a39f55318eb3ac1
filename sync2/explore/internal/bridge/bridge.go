//go:build turnstile_goroot

package bridge

import (
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// hooks has the same layout as the runtime's tsHooks.
type hooks struct {
	version  uintptr
	point    func(task unsafe.Pointer, kind uint8, p unsafe.Pointer)
	sel      func(task, cases unsafe.Pointer, n, nsends int, block bool) int
	park     func(task unsafe.Pointer, reason uint8)
	ready    func(task unsafe.Pointer)
	spawn    func(task unsafe.Pointer, fn func()) bool
	sleep    func(task unsafe.Pointer, ns int64)
	semacq   func(task unsafe.Pointer, addr *uint32, durably bool)
	condWait func(task unsafe.Pointer, notify *uint32, ticket uint32)
	newTimer func(task, t unsafe.Pointer, when, period int64, f func(arg any, seq uintptr, delay int64), arg any, c unsafe.Pointer)
	stop     func(task, t unsafe.Pointer) (was, known bool)
	reset    func(task, t unsafe.Pointer, when, period int64) (was, known bool)
	now      func(task unsafe.Pointer) int64
	rand     func(task unsafe.Pointer, choose bool) uint64
	opaque   func(fn string) uint8
	leave    func(task unsafe.Pointer) (driver unsafe.Pointer)
	back     func(task unsafe.Pointer)
	count    func(task unsafe.Pointer) int
	bubble   func(task, bubble unsafe.Pointer, f func()) (how uint8)
	settle   func(task unsafe.Pointer, waits bool)
	item     func(task, c, elem unsafe.Pointer)
}

// version is the version of the hooks.
const version = 5

// The following functions are in the patched runtime, see internal/goroot/files/runtime.go.txt.

//go:linkname rtInstall runtime.tsInstall
func rtInstall(h *hooks) bool

//go:linkname rtMode runtime.tsMode
func rtMode(mode uint8)

//go:linkname rtEnter runtime.tsEnter
func rtEnter() uint8

//go:linkname rtCan runtime.tsCan
func rtCan(c unsafe.Pointer, send bool) bool

//go:linkname rtDrain runtime.tsDrain
func rtDrain(c unsafe.Pointer) bool

// The modes of a goroutine.
const (
	asProgram = 0
	asEngine  = 1
	within    = 3
)

// Install makes the runtime call this package's explorer. It reports whether that is possible.
func Install() bool {
	return rtInstall(&hooks{
		version: version,
		point:   point, sel: choose, park: park, ready: ready, spawn: spawn,
		sleep: sleep, semacq: semacquire, condWait: condWait,
		newTimer: newTimer, stop: stopTimer, reset: resetTimer, now: now,
		rand: random, opaque: classOf,
		leave: leave, back: back, count: count, bubble: bubble, settle: settle, item: item,
	})
}

//go:norace
func taskOf(thread unsafe.Pointer) *engine.Task { return (*engine.Thread)(thread).Task }

// alone reports whether t is the only task so far in its run. Everything that it does comes before anything that others
// will do, so its operations are not steps unless there is a choice.
//
//go:norace
func alone(t *engine.Task) bool { return len(t.Exec.Tasks) == 1 }

// at returns the object of t's last operation, or nil if it has none.
//
//go:norace
func at(t *engine.Task) hook.Object {
	if t.Plain.P == nil {
		return nil
	}
	return run.object(t.Exec, t.Plain.P, class(t.Plain.Class))
}

// onlyIfBlocked is added to the kind of an operation that is a step only if it has to wait.
const onlyIfBlocked = 1 << 7

// point is called before an operation.
//
//go:norace
func point(thread unsafe.Pointer, kind uint8, p unsafe.Pointer) {
	t := taskOf(thread)
	op := &operations[kind&^onlyIfBlocked]
	t.Plain.P, t.Plain.Class, t.Plain.Verb = p, uint8(op.class), op.verb
	if kind&onlyIfBlocked != 0 && (op.free == nil || op.free(p)) {
		return
	}
	switch {
	case alone(t) && (op.free == nil || op.free(p)):
	case p == nil:
		t.Do(nil, op.verb, hook.AccessWrite)
	case op.free == nil:
		t.Do(run.object(t.Exec, p, op.class), op.verb, op.access)
	default:
		c := t.NewCondition()
		c.P, c.Ready, c.Outer = p, op.ready, kind&onlyIfBlocked != 0
		if op.durable {
			c.Durable = true
			t.Sink()
		}
		t.Request(engine.RequestPoint, run.object(t.Exec, p, op.class), op.verb)
	}
	if tells(t) {
		tale.did(t, kind&^onlyIfBlocked, p)
	}
}

// choose is called before a select. It returns the case to try first, -1 if none can proceed.
//
//go:norace
func choose(thread, cases unsafe.Pointer, n, nsends int, block bool) int {
	t := taskOf(thread)
	verb := "select"
	if !block {
		verb = "try select"
	}
	ps := &t.Plain
	ps.P, ps.Class, ps.Verb = nil, uint8(classChan), verb
	if cap(ps.Cases) < n {
		ps.Cases, ps.Uses = make([]engine.Case, n), make([]hook.Object, n)
	}
	ps.Cases, ps.Uses = ps.Cases[:n], ps.Uses[:0]
	can, some := 0, -1
	lone, told := alone(t), tells(t)
	ps.Items = ps.Items[:0]
	for i := range n {
		c := *(*unsafe.Pointer)(unsafe.Add(cases, i*2*int(unsafe.Sizeof(cases)))) // of runtime's scase; under -race no longer array may be made of it
		ps.Cases[i] = engine.Case{Chan: c, Send: i < nsends}
		if told && i < nsends {
			ps.Items = append(ps.Items, textOf(c, *(*unsafe.Pointer)(unsafe.Add(cases, (i*2+1)*int(unsafe.Sizeof(cases))))))
		}
		if c != nil && ps.P == nil {
			ps.P = c
		}
		if lone && rtCan(c, i < nsends) {
			can, some = can+1, i
		}
	}
	if can < 2 && lone {
		if told {
			tale.chose(t, some, block)
		}
		return some
	}
	for i := range n {
		if c := ps.Cases[i].Chan; c != nil {
			ps.Uses = ps.Uses[:len(ps.Uses)+1]
			ps.Uses[len(ps.Uses)-1] = run.object(t.Exec, c, classChan)
		}
	}
	c := t.NewCondition()
	c.Uses, c.Cases, c.Alts = ps.Uses, ps.Cases, max(n-1, 0)
	c.Ready = selectable
	t.Request(engine.RequestPoint, nil, verb)
	i := int(t.Alt)
	if n == 0 || !rtCan(ps.Cases[i].Chan, ps.Cases[i].Send) {
		i = -1
	}
	if tells(t) {
		tale.chose(t, i, block)
	}
	return i
}

// selectable reports whether a case of a select can proceed. The first stands for none if no case can.
//
//go:norace
func selectable(c *engine.Condition, alt int) bool {
	if len(c.Cases) == 0 || rtCan(c.Cases[alt].Chan, c.Cases[alt].Send) {
		return true
	}
	if alt > 0 {
		return false
	}
	for i := range c.Cases {
		if rtCan(c.Cases[i].Chan, c.Cases[i].Send) {
			return false
		}
	}
	return true
}

// The runtime's reasons why a task waits.
const (
	forEver = 1 // it is in a select without cases
	durably = 2 // only tasks of its bubble can release it, if any can
)

// park is called when a task waits in an operation of the language.
//
//go:norace
func park(thread unsafe.Pointer, why uint8) {
	t := taskOf(thread)
	if why&forEver != 0 {
		t.Plain.P, t.Plain.Verb, t.Plain.Cases = nil, "select", t.Plain.Cases[:0]
	}
	told := tells(t)
	if told {
		tale.parks(t)
	}
	if t.Durable = why&durably != 0; t.Durable {
		t.Sink()
	}
	t.Wait(at(t), t.Plain.Verb, 0, false)
	if told {
		tale.resumes(t)
	}
}

//go:norace
func ready(thread unsafe.Pointer) {
	t := taskOf(thread)
	if tells(t) {
		tale.readies(t, engine.Current())
	}
	t.Release()
}

// semacquire is called when a task waits for a semaphore as part of an operation of package sync. durably says that only
// tasks of its bubble can release it.
//
//go:norace
func semacquire(thread unsafe.Pointer, addr *uint32, durably bool) {
	t := taskOf(thread)
	if t.Plain.P == nil {
		t.Plain.P, t.Plain.Class, t.Plain.Verb = unsafe.Pointer(addr), uint8(classSemaphore), "acquire"
	}
	c := t.NewCondition()
	c.P, c.Ready, c.Durable = unsafe.Pointer(addr), positive, durably
	if durably {
		t.Sink()
	}
	t.Request(engine.RequestPoint, at(t), t.Plain.Verb)
	if tells(t) {
		tale.meets(t)
	}
}

//go:norace
func positive(c *engine.Condition, _ int) bool { return *(*uint32)(c.P) > 0 }

// condWait is called when a task waits for a condition, with its ticket.
//
//go:norace
func condWait(thread unsafe.Pointer, notify *uint32, ticket uint32) {
	t := taskOf(thread)
	// The last operation was that of the lock, or anything else that a Locker does.
	t.Plain.P, t.Plain.Class, t.Plain.Verb = unsafe.Pointer(uintptr(unsafe.Pointer(notify))-notifyInCond), uint8(classCond), "Wait"
	c := t.NewCondition()
	c.P, c.N, c.Ready, c.Durable = unsafe.Pointer(notify), ticket, notified, true
	t.Sink()
	t.Request(engine.RequestPoint, at(t), t.Plain.Verb)
	if tells(t) {
		tale.meets(t)
	}
}

// notifyInCond is the offset in a sync.Cond of the next ticket to notify: after the Locker and the next ticket to hand
// out.
const notifyInCond = 2*unsafe.Sizeof(uintptr(0)) + 4

//go:norace
func notified(c *engine.Condition, _ int) bool { return int32(c.N-*(*uint32)(c.P)) < 0 }
