package engine

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// Foreign is the first touch of an object of a program by a goroutine that is none of its tasks.
var Foreign atomic.Pointer[Fault]

// stranger is called where a goroutine that is no task does something to a primitive. If the primitive is of the
// program that is being explored, that is an error of the program. Whose it is that no task has touched cannot be told
// yet: it is marked with the exploration's first number, which no object is given, for a task that may come to it.
func stranger(obj hook.Object, verb string) {
	first, m := known.Load(), obj.Mark()
	if first == 0 {
		return
	}
	switch last := loadMark(m); {
	case last < first:
		storeMark(m, first)
	case last > first:
		intrude(verb)
	}
}

// shares notes that t comes to what a stranger has touched in the same exploration.
//
//go:noinline
func (x *Execution) shares(t *Task) {
	if x.Shared == nil {
		x.Shared = &Fault{Kind: FaultBadProgram, Task: t.Name, Message: fmt.Sprintf("a goroutine that the explorer does not know has used the same as %s in %s; "+
			"a program must make everything that it uses, and to start its goroutines with E.Go or sync2.Go", t.Name, x.Verbs.Name(t.Op.Verb))}
	}
}

// intrude notes that the calling goroutine, which is no task, has touched what is the program's, and ends it: to let it
// go on would change the program behind the explorer's back, and to panic would end the process.
func intrude(verb string) {
	f := &Fault{Kind: FaultBadProgram, Message: fmt.Sprintf("a goroutine that the explorer does not know did %s at %s; start it with E.Go or sync2.Go",
		verb, (*Execution)(nil).Site(callers(0)))}
	Foreign.CompareAndSwap(nil, f)
	runtime.Goexit()
}

// Intruder ends the calling goroutine, which is no task, and has used a counterpart or an E of x. One that comes when
// the exploration is over is too late for anybody to be told.
func (x *Execution) Intruder(verb string) {
	if x.over.Load() {
		runtime.Goexit()
	}
	intrude(verb)
}

// known is the first number of the exploration that is going on, 0 if there is none.
var known atomic.Uint32

// nextBase is where the next exploration begins to number objects. One explores at a time.
var nextBase uint32 = 1

// Open begins the exploration that x is of: from now on the primitives ask x. Its caller is at home in it, though no task.
func (x *Execution) Open() {
	x.base, x.first, x.Home = nextBase, nextBase, goid.Get()
	Foreign.Store(nil)
	known.Store(nextBase)
	hook.Enable(hook.Explore)
	goid.LockWord(goid.Slot()) // the first call in a process starts goroutines, which are not to be taken for a task's
	time.NewTimer(0).Stop()    // what package time does for the first timer of a process: no task is to wait while the watchdog does it
}

// Close ends the exploration.
func (x *Execution) Close() {
	hook.Disable(hook.Explore)
	x.over.Store(true)
	known.Store(0)
	if x.Gone.Load() {
		nextBase += 1 << 24 // nobody knows how far it came
	} else {
		nextBase = x.base + max(uint32(len(x.Objects)), 1)
	}
}
