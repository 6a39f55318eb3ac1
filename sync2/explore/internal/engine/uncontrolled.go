package engine

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// Uncontrolled describes the first access to a program's object by a goroutine that is not one of its tasks.
var Uncontrolled atomic.Pointer[Fault]

// uncontrolled is called when a goroutine that is not a task uses a primitive. If the primitive belongs to the program
// under exploration, that is an error of the program. If no task has touched the primitive, that is not known yet: it
// is marked with the exploration's first number, which no object gets, in case a task touches it later.
func uncontrolled(obj hook.Object, verb string) {
	first, m := known.Load(), obj.Mark()
	if first == 0 {
		return
	}
	switch last := loadMark(m); {
	case last < first:
		storeMark(m, first)
	case last > first:
		reject(verb)
	}
}

// shares records that t touches an object that an uncontrolled goroutine has touched in the same exploration.
//
//go:noinline
func (x *Execution) shares(t *Task) {
	if x.Shared == nil {
		x.Shared = &Fault{Kind: FaultBadProgram, Task: t.Name, Message: fmt.Sprintf("a goroutine that the explorer does not know has used the same as %s in %s; "+
			"a program must make everything that it uses, and to start its goroutines with E.Go or sync2.Go", t.Name, x.Verbs.Name(t.Op.Verb))}
	}
}

// reject records that the calling goroutine, which is not a task, has touched an object of the program, and ends it:
// if it went on, it would change the program behind the explorer's back, and a panic would end the process.
func reject(verb string) {
	f := &Fault{Kind: FaultBadProgram, Message: fmt.Sprintf("a goroutine that the explorer does not know did %s at %s; start it with E.Go or sync2.Go",
		verb, (*Execution)(nil).Site(callers(0)))}
	Uncontrolled.CompareAndSwap(nil, f)
	runtime.Goexit()
}

// RejectUncontrolled ends the calling goroutine, which is not a task and has used a mock or an E of x. If the exploration is
// already over, this is not reported.
func (x *Execution) RejectUncontrolled(verb string) {
	if x.over.Load() {
		runtime.Goexit()
	}
	reject(verb)
}

// known is the first number of the current exploration, 0 if there is none.
var known atomic.Uint32

// nextBase is the first object number of the next exploration. There is one exploration at a time.
var nextBase uint32 = 1

// Open begins the exploration of x: from now on the primitives ask x. The caller belongs to it, although it is not a task.
func (x *Execution) Open() {
	x.base, x.first, x.Home = nextBase, nextBase, goid.Get()
	Uncontrolled.Store(nil)
	known.Store(nextBase)
	hook.Enable(hook.Explore)
	goid.LockWord(goid.Slot()) // the first call in a process starts goroutines, which must not be taken for a task's
	time.NewTimer(0).Stop()    // initialization for a process's first timer: no task should wait while the watchdog does that
}

// Close ends the exploration.
func (x *Execution) Close() {
	hook.Disable(hook.Explore)
	x.over.Store(true)
	known.Store(0)
	if x.Gone.Load() {
		nextBase += 1 << 24 // it is not known how far it got
	} else {
		nextBase = x.base + max(uint32(len(x.Objects)), 1)
	}
}
