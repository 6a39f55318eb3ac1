//go:build turnstile_goroot

package sync2_test

// explored reports whether the tests are built with the standard library of "turnstile test", in which an atomic operation
// is a call.
const explored = true
