package engine

import (
	"cmp"
	"reflect"
	"runtime"
	"strings"

	"github.com/turnstile-go/turnstile/internal/place"
)

// library is the import path of package sync2.
var library = strings.TrimSuffix(Package, "/explore/internal/engine")

// Package is the import path of this package.
var Package = reflect.TypeFor[Execution]().PkgPath()

// bottom is the function that calls a task's function. Frames below it are left over from tasks that the same thread
// ran before.
var bottom = Package + ".(*Thread).runTask"

// nextFrame returns the next frame that is the task's, and whether there are more.
func nextFrame(frames *runtime.Frames) (f runtime.Frame, more bool) {
	if f, more = frames.Next(); f.Function == bottom {
		return runtime.Frame{}, false
	}
	return f, more
}

// helper is the prefix of functions of the scenario catalog that a program calls to let time pass.
var helper = strings.TrimSuffix(library, "/sync2") + "/scenarios.Params."

// mostCallers is the number of a stack's innermost frames that are recorded.
const mostCallers = 24

// callers returns the calling task's stack, without the given number of innermost frames.
//
//go:norace
func callers(without int) []uintptr {
	pcs := make([]uintptr, mostCallers)
	return pcs[:runtime.Callers(3+without, pcs)]
}

// Site returns the place in the program from which the library was called, such as "bank_test.go:12". Functions that
// have called [E.Helper] are skipped.
func (x *Execution) Site(pcs []uintptr) string {
	helped, outside := "", ""
	for frames := runtime.CallersFrames(pcs); ; {
		f, more := nextFrame(frames)
		at := ""
		if f.Function != "" && !inLibrary(f) {
			at = place.Of(f.File, f.Line)
		}
		switch {
		case at == "":
		case Mine != nil && !Mine(f.Function):
			if outside == "" && !inGo(f) {
				outside = at
			}
		case x == nil || !x.Helpers.have(f.Function):
			return at
		case helped == "":
			helped = at
		}
		if !more {
			return cmp.Or(helped, outside) // if there is nothing but helpers, the innermost
		}
	}
}

// A knownCall is what a stack says of the operation that it performs.
type knownCall struct {
	where string // as Site returns it
	via   string // as within returns it
	own   bool   // see ofTesting
}

// knownCalls are those of a number of stacks: a long run performs few operations again and again.
type knownCalls struct {
	known   map[[mostCallers]uintptr]knownCall
	helpers *helperMark // the newest one when they were found
}

// mostCalls is the number of stacks whose calls are kept.
const mostCalls = 1 << 12

// callOf returns what pcs says of the operation that it performs.
func (x *Execution) callOf(pcs []uintptr) knownCall {
	if !Patched || UnderRace { // the race detector must not see tasks share a map
		return x.findCall(pcs)
	}
	if x.calls.known == nil || len(x.calls.known) >= mostCalls || x.calls.helpers != x.Helpers.first {
		x.calls = knownCalls{make(map[[mostCallers]uintptr]knownCall), x.Helpers.first}
	}
	var key [mostCallers]uintptr
	copy(key[:], pcs)
	c, ok := x.calls.known[key]
	if !ok {
		c = x.findCall(pcs)
		x.calls.known[key] = c
	}
	return c
}

func (x *Execution) findCall(pcs []uintptr) knownCall {
	return knownCall{x.Site(pcs), within(pcs), Mine != nil && ofTesting(pcs)}
}

// Frame is like Site, but returns a frame: the zero Frame if nothing in pcs belongs to the program.
func (x *Execution) Frame(pcs []uintptr) runtime.Frame {
	var outside runtime.Frame
	for frames := runtime.CallersFrames(pcs); ; {
		f, more := nextFrame(frames)
		if f.Function != "" && !inLibrary(f) {
			if Mine == nil || Mine(f.Function) {
				return f
			}
			if outside.Function == "" && !inGo(f) {
				outside = f
			}
		}
		if !more {
			return outside
		}
	}
}

// inProgram returns pcs from that of Frame on, the user's first: all of them if there is none.
func (x *Execution) inProgram(pcs []uintptr) []uintptr {
	site := x.Frame(pcs).PC
	for len(pcs) > 1 && x.Frame(pcs[1:]).PC == site {
		pcs = pcs[1:]
	}
	return pcs
}

// Insides reports whether the standard library itself called into package sync, in the first of pcs.
func (x *Execution) Insides(pcs []uintptr) bool {
	for frames := runtime.CallersFrames(pcs); ; {
		f, more := nextFrame(frames)
		pkg, _, _ := strings.Cut(f.Function, ".")
		if pkg != "sync" && pkg != "internal/sync" && pkg != "sync/atomic" && pkg != "runtime" && !strings.HasPrefix(f.Function, library) {
			return inStandard(f) && !strings.HasSuffix(f.File, "_test.go")
		}
		if !more {
			return false
		}
	}
}

// within returns the function of the standard library that the program has called, or that its goroutine runs, if the
// library itself performs the operation there: Context.Done, not sync.Mutex.Lock. It returns "" if the program performs it.
func within(pcs []uintptr) string {
	inner, outer := "", ""
	for frames := runtime.CallersFrames(pcs); ; {
		f, more := nextFrame(frames)
		pkg, _, _ := strings.Cut(f.Function, ".")
		switch {
		case f.Function == "" || pkg == "runtime" || strings.HasPrefix(f.Function, library):
		case !inStandard(f) || strings.HasSuffix(f.File, "_test.go"):
			more = false
		case inner == "" && (pkg == "sync" || pkg == "internal/sync" || pkg == "sync/atomic"):
		default:
			if outer = f.Function; inner == "" {
				inner = outer
			}
		}
		if !more {
			return call(outer)
		}
	}
}

// TrimLiterals removes from the name of a function what the compiler adds for function literals in it, as in Run.func1.2.
func TrimLiterals(function string) string {
	for {
		rest := strings.TrimRight(function, "0123456789")
		if rest == function {
			return function
		}
		outer, ok := strings.CutSuffix(rest, ".func")
		if !ok {
			outer, ok = strings.CutSuffix(rest, ".gowrap")
		}
		if !ok {
			outer, ok = strings.CutSuffix(rest, ".")
		}
		if !ok {
			return function
		}
		function = outer
	}
}

// call returns the name under which the program calls a function of the standard library.
func call(function string) string {
	if strings.HasPrefix(function, "context.With") && TrimLiterals(function) != function {
		return "cancel of a context"
	}
	function = function[strings.LastIndexByte(function, '/')+1:]
	function = TrimLiterals(function)
	if rest, ok := strings.CutPrefix(function, "context.(*"); ok {
		if kind, method, ok := strings.Cut(rest, "Ctx)."); ok && kind != "" {
			function = "Context." + method
		}
	}
	return strings.NewReplacer("(*", "", ")", "").Replace(function)
}

// Mine reports whether a function belongs to the module whose positions are preferred; nil: all are.
var Mine func(function string) bool

// goRoot is the directory of the standard library, as in frames.
var goRoot = func() string {
	f := runtime.FuncForPC(reflect.ValueOf(strings.TrimSuffix).Pointer())
	if f == nil {
		return ""
	}
	file, _ := f.FileLine(f.Entry())
	return strings.TrimSuffix(file, "strings/strings.go")
}()

// inGo reports whether f is in the standard library.
func inGo(f runtime.Frame) bool {
	return goRoot != "" && strings.HasPrefix(f.File, goRoot) || f.File == "_testmain.go"
}

// OfTesting reports whether package testing itself is about to perform the operation.
func (t *Task) OfTesting() bool { return Mine != nil && ofTesting(t.PCs) }

// ofTesting reports whether package testing itself began an operation, rather than a function of interest that it
// called.
func ofTesting(pcs []uintptr) bool {
	for frames := runtime.CallersFrames(pcs); ; {
		f, more := nextFrame(frames)
		switch {
		case f.Function != "" && Mine(f.Function):
			return false
		case strings.HasPrefix(f.Function, "testing."):
			return true
		case !more:
			return false
		}
	}
}

// Helpers has the functions that have called [E.Helper], as positions in them. It is a list, read and written so that
// the race detector does not see it: tasks take turns, and the detector must not take that for synchronization.
type Helpers struct{ first *helperMark }

type helperMark struct {
	pc   uintptr
	next *helperMark
}

// Add makes the function that contains pc a helper.
//
//go:norace
func (h *Helpers) Add(pc uintptr) {
	for m := h.first; m != nil; m = m.next {
		if m.pc == pc {
			return
		}
	}
	h.first = &helperMark{pc, h.first}
}

// have reports whether the function is a helper.
//
//go:norace
func (h *Helpers) have(function string) bool {
	for m := h.first; m != nil; m = m.next {
		if f, _ := runtime.CallersFrames([]uintptr{m.pc}).Next(); f.Function == function {
			return true
		}
	}
	return false
}

// inLibrary reports whether f is in package sync2 or below it, in a helper, in the runtime, or in the code that makes
// coroutines. Tests there are programs like any other.
func inLibrary(f runtime.Frame) bool {
	if strings.HasSuffix(f.File, "_test.go") {
		return false
	}
	rest, ok := strings.CutPrefix(f.Function, library)
	return ok && (strings.HasPrefix(rest, ".") || strings.HasPrefix(rest, "/")) || strings.HasPrefix(f.Function, helper) ||
		strings.HasPrefix(f.Function, "runtime.") || strings.HasPrefix(f.Function, "iter.") || Patched && inStandard(f)
}

// goSource is the directory of the standard library's source, or "" if the build does not record it.
var goSource = func() string {
	f, _ := runtime.CallersFrames([]uintptr{reflect.ValueOf(runtime.Goexit).Pointer() + 1}).Next()
	dir := f.File[:max(0, strings.LastIndex(f.File, "runtime/"))]
	return dir
}()

// inStandard reports whether f is in the standard library.
func inStandard(f runtime.Frame) bool {
	if goSource == "" {
		return standard(f.Function)
	}
	return strings.HasPrefix(f.File, goSource)
}
