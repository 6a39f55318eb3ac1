package engine

import (
	"runtime"
	"strings"
	"time"
)

// tolerable is how much time may have passed while tasks could run without a task counting as late.
const tolerable = time.Second

// LooksAtClock records that t reads the time of the run, if much of it has passed only because tasks ran on and on, and if the program
// reads it, not the standard library. What t does from now on may be due to its being late.
//
//go:norace
func (t *Task) LooksAtClock() {
	x := t.Exec
	if x.sped > tolerable && t.lateIn != x.Runs && lookedByProgram(callers(0)) {
		t.lateIn, t.lateFrom = x.Runs, int32(len(x.Steps)-1)
	}
}

// lookedByProgram reports whether the program, and not the standard library, called package time, in pcs.
//
//go:norace
func lookedByProgram(pcs []uintptr) bool {
	for frames := runtime.CallersFrames(pcs); ; {
		f, more := nextFrame(frames)
		pkg, _, _ := strings.Cut(f.Function, ".")
		if f.Function != "" && pkg != "time" && pkg != "runtime" && (!strings.HasPrefix(f.Function, library) || strings.HasSuffix(f.File, "_test.go")) {
			return !inStandard(f) || strings.HasSuffix(f.File, "_test.go")
		}
		if !more {
			return false
		}
	}
}

// Late returns the first step from which what t does may be due to its having been late, and reports whether there is one.
func (t *Task) Late() (step int, is bool) { return int(t.lateFrom), t.lateIn == t.Exec.Runs }
