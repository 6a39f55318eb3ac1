//go:build deadlock && !turnstile_steps

package deadlocked

import (
	"github.com/sasha-s/go-deadlock"

	"github.com/turnstile-go/turnstile/sync2/internal/waitq"
)

// By default go-deadlock ends the program, and a test with it, without saying which test it was. A panic is a failure
// with a stack. Set deadlock.Opts after this to change that.
func init() {
	waitq.NewLocker = func() waitq.Locker { return new(deadlock.Mutex) }
	deadlock.Opts.OnPotentialDeadlock = func() {
		panic("sync2: go-deadlock found a potential deadlock; its report stands above")
	}
}
