package synctesting

import (
	"runtime"
	"strings"

	"github.com/turnstile-go/turnstile/internal/place"
	"github.com/turnstile-go/turnstile/sync2/internal/caller"
)

// A call is a line of the program at which a function is called.
type call struct {
	at       string // the place, relative to the working directory
	function string // the function in which it is, with the name of its package: "bank.(*Account).Withdraw"
}

// callsOf returns the calls in a stack as [runtime.Callers] returns it, innermost first, without those that are not the
// program's: in the library, the runtime and package testing. A call in a function that was inlined has the place in that
// function.
func callsOf(pcs []uintptr) []call {
	var calls []call
	for frames := runtime.CallersFrames(pcs); ; {
		f, more := frames.Next()
		if f.Function != "" && !caller.InLibrary(f) && !strings.HasPrefix(f.Function, "testing.") {
			calls = append(calls, call{place.Of(f.File, f.Line), f.Function[strings.LastIndexByte(f.Function, '/')+1:]})
		}
		if !more {
			return calls
		}
	}
}
