package explore

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
)

// library is the import path of package sync2.
var library = strings.TrimSuffix(reflect.TypeFor[E]().PkgPath(), "/explore")

// helper is what functions of the catalogue of scenarios begin with that a program calls to let time go by.
var helper = strings.TrimSuffix(library, "/sync2") + "/scenarios.Params."

// callers returns where the calling task is.
//
//go:norace
func callers() []uintptr {
	pcs := make([]uintptr, 24)
	return pcs[:runtime.Callers(3, pcs)]
}

// site returns the place in the program from which the library was called, such as "bank_test.go:12".
func site(pcs []uintptr) string {
	frames := runtime.CallersFrames(pcs)
	for {
		f, more := frames.Next()
		if f.Function != "" && !inLibrary(f) {
			return fmt.Sprintf("%s:%d", f.File[strings.LastIndexByte(f.File, '/')+1:], f.Line)
		}
		if !more {
			return ""
		}
	}
}

// inLibrary reports whether f is in package sync2 or below it, in a helper, in the runtime, or in what makes coroutines.
// Tests there are programs as any other.
func inLibrary(f runtime.Frame) bool {
	if strings.HasSuffix(f.File, "_test.go") {
		return false
	}
	rest, ok := strings.CutPrefix(f.Function, library)
	return ok && (strings.HasPrefix(rest, ".") || strings.HasPrefix(rest, "/")) || strings.HasPrefix(f.Function, helper) ||
		strings.HasPrefix(f.Function, "runtime.") || strings.HasPrefix(f.Function, "iter.")
}
