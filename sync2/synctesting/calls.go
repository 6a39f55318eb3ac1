package synctesting

import (
	"runtime"
	"strings"

	"github.com/turnstile-go/turnstile/internal/place"
	"github.com/turnstile-go/turnstile/sync2/internal/caller"
)

// A call is a line of the program at which a function is called.
type call struct {
	at       string // its position, relative to the working directory
	function string // the calling function, with its package: "bank.(*Account).Withdraw"
}

// callsOf returns the calls of the program in a stack from [runtime.Callers], innermost first. It omits calls in the library,
// the runtime and package testing. A call in an inlined function has the position in that function.
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
