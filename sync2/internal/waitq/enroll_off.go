//go:build deadlock || turnstile_steps

package waitq

// In this build there is no roll of waiters: only its users may touch a mutex.

// Enroll does nothing.
func (*WaitList) Enroll(*Queue, Owner, string) {}

// Enroll does nothing.
func (*NotifyList) Enroll(*Queue, Owner, string) {}

// Waits returns nothing.
func Waits() []Wait { return nil }
