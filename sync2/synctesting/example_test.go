package synctesting_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/explore"
	"github.com/turnstile-go/turnstile/sync2/synctesting"
)

// An Account holds money.
type Account struct {
	mu      sync2.Mutex
	balance int
}

// Transfer moves money from one account to another. It takes the locks of both, the sender's first.
func Transfer(from, to *Account, amount int) {
	from.mu.Lock()
	defer from.mu.Unlock()
	to.mu.Lock()
	defer to.mu.Unlock()
	from.balance -= amount
	to.balance += amount
}

// oneAfterTheOther is a use of Transfer in which nothing can go wrong.
func oneAfterTheOther(context.Context) error {
	var ann, ben Account
	var line sync2.Mutex
	transfer := func(from, to *Account) func() {
		return func() {
			line.Lock()
			defer line.Unlock()
			Transfer(from, to, 10)
		}
	}
	a, b := sync2.Go("a", transfer(&ann, &ben)), sync2.Go("b", transfer(&ann, &ben))
	a.Join()
	b.Join()
	if ben.balance != 20 {
		return fmt.Errorf("ben has %d, want 20", ben.balance)
	}
	return nil
}

// One call runs every check on a program: for data races, leaks and lock inversions, and under every schedule of its
// operations.
func TestTransfer(t *testing.T) {
	synctesting.Run(t, oneAfterTheOther)
}

// The two transfers take the locks in opposite orders. That goes well nearly always, so that a test that only runs it
// finds nothing.
func ExampleExamine() {
	program := func(context.Context) error {
		var ann, ben Account
		a := sync2.Go("a", func() { Transfer(&ann, &ben, 10) })
		b := sync2.Go("b", func() { Transfer(&ben, &ann, 10) })
		a.Join()
		b.Join()
		return nil
	}
	// Only the explorer; Locks would find the inversion too, in any run that passes.
	for _, f := range synctesting.Examine(context.Background(), "transfer", program,
		synctesting.Without(synctesting.Runs, synctesting.Leaks, synctesting.Locks, synctesting.Traces)) {
		failure, _ := errors.AsType[*explore.Failure](f)
		fmt.Println(failure)
		for _, cycle := range failure.Cycle {
			fmt.Println(cycle)
		}
	}
	// Output:
	// deadlock: main, a, b wait forever
	// a holds mutex-1 and waits for mutex-2; b holds mutex-2 and waits for mutex-1
}
