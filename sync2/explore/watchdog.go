package explore

import (
	"bytes"
	"fmt"
	"regexp"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"time"

	"github.com/turnstile-go/turnstile/internal/place"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// patience is how often the explorer looks whether anything has happened.
var patience = 250 * time.Millisecond

// If nothing has happened at so many looks in a row, a task hangs.
const (
	waitPatience  = 4  // if it waits for another goroutine, or sleeps
	otherPatience = 16 // if it waits for something else, such as a file
	spinPatience  = 56 // if it runs, since it may be busy
)

// guarded runs the exploration in a goroutine of its own. If that hangs, because a task waits for something that the
// explorer does not know of, it is left behind, and the failure says where.
func (ex *explorer) guarded() *Result {
	done := make(chan struct{})
	go func() {
		defer close(done)
		ex.explore()
	}()
	stacks := newStackSize()
	tick := time.NewTicker(patience)
	defer tick.Stop()
	for seen, quiet := ex.x.beat.Load(), 0; ; {
		select {
		case <-done:
			ex.strangers()
			nextBase = ex.x.base + uint32(len(ex.x.objects))
			switch {
			case ex.quit && ex.thrown != nil:
				panic(ex.thrown)
			case ex.quit:
				runtime.Goexit()
			}
			return &ex.res
		case <-tick.C:
		}
		if now := ex.x.beat.Load(); now != seen {
			seen, quiet = now, 0
			continue
		}
		quiet++
		if stacks.deep() && quiet < otherPatience {
			continue
		}
		if f := hung(whoRuns(), quiet); f != nil {
			if s := foreign.Swap(nil); s != nil {
				f = s // which is why it hangs: it waits for one that has been ended
			}
			ex.x.gone.Store(true)
			setRunning(nil)
			nextBase += 1 << 24 // nobody knows how far it came
			return &Result{Failure: f}
		}
	}
}

// A stackSize says whether stacks have become large: somebody calls himself without end, and soon comes to the end of the
// stack. To have the runtime write down a deep stack takes longer than to fill it.
type stackSize struct {
	sample [1]metrics.Sample
	first  uint64
}

func newStackSize() *stackSize {
	s := new(stackSize)
	s.sample[0].Name = "/memory/classes/heap/stacks:bytes"
	s.first = s.size()
	return s
}

func (s *stackSize) size() uint64 {
	metrics.Read(s.sample[:])
	return s.sample[0].Value.Uint64()
}

// deep reports whether the stacks of the process take some megabytes more than at first.
func (s *stackSize) deep() bool { return s.size() > s.first+4<<20 }

// hung returns a failure that says where the task of th is, nil if it may only be busy, or if none runs. Nothing has
// happened for so many times the explorer's patience.
func hung(th *thread, quiet int) *Failure {
	if th == nil || quiet < waitPatience {
		return nil
	}
	stack := stackOf(th.g)
	what := doing(stack)
	switch {
	case strings.Contains(stack, "(*thread).pause("), strings.Contains(stack, "(*execution).serve("):
		return nil // it is the explorer that is busy
	case quiet < patienceWith(what):
		return nil
	}
	return &Failure{Kind: BadProgram, Stack: stack, Message: fmt.Sprintf("a task %s at %s, where the explorer has no control; "+
		"use what package explore has in place of channels, package sync and time.Sleep, and let a loop that waits call E.Yield",
		what, firstSite(stack))}
}

// patienceWith returns how many looks a task is given that is doing what.
func patienceWith(what string) int {
	switch state, _ := strings.CutPrefix(what, blocked); {
	case what == endless || what == unknown:
		return spinPatience
	case strings.HasPrefix(state, "chan "), strings.HasPrefix(state, "select"), strings.HasPrefix(state, "sync."), strings.HasPrefix(state, "sleep"):
		return waitPatience
	}
	return otherPatience
}

// stackOf returns the stack of the goroutine with the given id.
func stackOf(id int64) string {
	buf := make([]byte, 1<<20)
	buf = buf[:runtime.Stack(buf, true)]
	head := fmt.Appendf(nil, "goroutine %d ", id)
	for s := range bytes.SplitSeq(buf, []byte("\n\n")) {
		if bytes.HasPrefix(s, head) {
			return string(s)
		}
	}
	return ""
}

var stateInStack = regexp.MustCompile(`^goroutine \d+ \[([^,\]]*)`)

// What a task does that hangs, in words.
const (
	endless = "runs without end" // it neither blocks nor comes to an operation
	blocked = "is blocked ("     // as the runtime says, and a bracket follows
	unknown = "hangs"
)

// doing returns what the runtime says that a goroutine is doing, in words.
func doing(stack string) string {
	m := stateInStack.FindStringSubmatch(stack)
	if m == nil {
		return unknown
	}
	if m[1] == "running" || m[1] == "runnable" {
		return endless
	}
	return blocked + m[1] + ")"
}

// firstSite returns the first place in a stack that is in neither the library nor the runtime.
func firstSite(stack string) string {
	lines := strings.Split(stack, "\n")
	for i := 1; i+1 < len(lines); i += 2 {
		file := strings.TrimSpace(lines[i+1])
		fn := lines[i]
		if !strings.Contains(file, "_test.go:") && (strings.HasPrefix(fn, library) || standard(fn)) {
			continue
		}
		return placeInStack(file)
	}
	return "a place unknown"
}

// placeInStack returns the place that a line of a stack tells, such as "	/home/ann/bank/bank.go:12 +0x1d".
func placeInStack(line string) string {
	line, _, _ = strings.Cut(strings.TrimSpace(line), " +0x")
	file, at, ok := strings.Cut(line, ".go:")
	if !ok {
		return line
	}
	return place.Path(file+".go") + ":" + at
}

// standard reports whether a function is of the standard library: its import path does not begin with a domain.
func standard(fn string) bool {
	first, _, slash := strings.Cut(fn, "/")
	if !slash {
		first, _, _ = strings.Cut(fn, ".")
	}
	return first != "main" && !strings.Contains(first, ".")
}

// foreign is the first touch of an object of a program by a goroutine that is none of its tasks.
var foreign atomic.Pointer[Failure]

// stranger is called where a goroutine that is no task does something to a primitive. If the primitive is of the
// program that is being explored, that is an error of the program.
func stranger(obj hook.Object, verb string) {
	first, last := known.Load(), loadMark(obj.Mark())
	if first == 0 || last < first {
		return
	}
	intrude(verb)
}

// intrude notes that the calling goroutine, which is no task, has touched what is the program's, and ends it: to let it
// go on would change the program behind the explorer's back, and to panic would end the process.
func intrude(verb string) {
	f := &Failure{Kind: BadProgram, Message: fmt.Sprintf("a goroutine that the explorer does not know did %s at %s; start it with E.Go or sync2.Go",
		verb, (*execution)(nil).site(callers()))}
	foreign.CompareAndSwap(nil, f)
	runtime.Goexit()
}

// intruder ends the calling goroutine, which is no task, and has used a counterpart or an E of x. One that comes when
// the exploration is over is too late for anybody to be told.
func (x *execution) intruder(verb string) {
	if x.over.Load() {
		runtime.Goexit()
	}
	intrude(verb)
}

// known is the number of the first object of the exploration that is going on, 0 if there is none.
var known atomic.Uint32

// strangers makes a foreign touch the failure of the exploration, if there was one.
func (ex *explorer) strangers() {
	if f := foreign.Swap(nil); f != nil {
		ex.res.Failure = f
	}
}
