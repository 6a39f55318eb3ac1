//go:build deadlock || turnstile_steps

package waitq

// In this build there is no registry of waiters: only its users may touch a mutex.

// Register does nothing.
func (*WaitList) Register(*Queue, Owner, string) {}

// Register does nothing.
func (*NotifyList) Register(*Queue, Owner, string) {}

// Waits returns nothing.
func Waits() []Wait { return nil }
