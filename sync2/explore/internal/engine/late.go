package engine

import (
	"runtime"
	"strings"
	"time"
)

// tolerable is by how much time may have passed while tasks could go on without anybody being late for that reason.
const tolerable = time.Second

// LooksAtClock notes that t looks at the time of the run, if much of that has passed only since tasks went on for long, and if it is the
// program that looks, and not the standard library. What t does from now on may come of its being late.
//
//go:norace
func (t *Task) LooksAtClock() {
	x := t.Exec
	if x.sped > tolerable && t.lateIn != x.Runs && lookedByProgram(callers(0)) {
		t.lateIn, t.lateFrom = x.Runs, int32(len(x.Steps)-1)
	}
}

// lookedByProgram reports whether it is not the standard library that has called package time, in pcs.
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

// Late returns the first step from which on what t does may come of its having been late, and whether there is one.
func (t *Task) Late() (step int, is bool) { return int(t.lateFrom), t.lateIn == t.Exec.Runs }
