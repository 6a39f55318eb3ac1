package sync2

import (
	"runtime"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// Yield lets other goroutines run, like runtime.Gosched. Under an explorer it is a scheduling point: it divides the
// caller's accesses to shared memory before and after it into separate steps, between which other goroutines may run.
func Yield() {
	if hook.Enabled() {
		if t := hook.Explored(); t != nil {
			t.Point(nil, "Pause", hook.AccessWrite)
			return
		}
	}
	runtime.Gosched()
}
