//go:build !turnstile_steps

// Package steps has the atomic variables of the primitives.
//
// They are those of package sync/atomic, under other names. With the build tag "turnstile_steps", which is for tests,
// each operation on one of them is a step of the explorer, and so is every read of a context: then it explores every
// interleaving inside the primitives, fast paths and all, instead of every order of calls.
package steps

import (
	"context"
	"sync/atomic"
)

// Instrumented reports whether the build tag is set.
const Instrumented = false

// Bool is a boolean.
type Bool = atomic.Bool

// Int32 is an integer.
type Int32 = atomic.Int32

// Int64 is an integer.
type Int64 = atomic.Int64

// Uint32 is an unsigned integer.
type Uint32 = atomic.Uint32

// Uint64 is an unsigned integer.
type Uint64 = atomic.Uint64

// Pointer is a pointer to a T.
type Pointer[T any] = atomic.Pointer[T]

// CheckContext is called before each read of ctx.
func CheckContext(context.Context) {}
