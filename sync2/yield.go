package sync2

import (
	"runtime"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// Yield lets other goroutines run, like runtime.Gosched. Under an explorer it is an operation: others may come in
// between, and what the caller did before it and does after it to memory that is shared counts as done there.
func Yield() {
	if hook.Watched() {
		if t := hook.Explored(); t != nil {
			t.Point(nil, "Pause", hook.Write)
			return
		}
	}
	runtime.Gosched()
}
