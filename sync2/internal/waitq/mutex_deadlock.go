//go:build deadlock

package waitq

import "github.com/sasha-s/go-deadlock"

// Mutex guards the insides of the primitives; here it is checked by go-deadlock.
//
// With go-deadlock's own tag deadlock_synctest it is durably blocking in synctest bubbles. Then it consists of a
// channel, and so a primitive must not be used in more than one bubble.
type Mutex = deadlock.Mutex

// Left to itself go-deadlock ends the program, and a test with it, without a word of which test that was. A panic is a
// failure with a stack. Who wants something else can set deadlock.Opts after this.
func init() {
	deadlock.Opts.OnPotentialDeadlock = func() {
		panic("sync2: go-deadlock found a potential deadlock; its report stands above")
	}
}

// spins is 0: go-deadlock checks the order of Lock, not of TryLock.
const (
	spins = 0
	pause = 0
)
