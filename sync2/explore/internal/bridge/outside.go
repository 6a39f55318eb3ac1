//go:build turnstile_goroot

package bridge

import (
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
)

// leave is called by a task that is about to wait for something that the explorer does not control; back, when the
// wait has ended and it is the task's turn.
//
//go:norace
func leave(thread unsafe.Pointer) (driver unsafe.Pointer) { return taskOf(thread).Leave() }

//go:norace
func back(thread unsafe.Pointer) { taskOf(thread).Returned() }

// count returns the number of goroutines.
//
//go:norace
func count(thread unsafe.Pointer) (n int) {
	for _, t := range taskOf(thread).Exec.Live {
		if t.Kind != engine.TaskDaemon {
			n++
		}
	}
	return n + 1 // and the one that waits for the test
}
