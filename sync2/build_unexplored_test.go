//go:build !turnstile_goroot

package sync2_test

// explored reports whether the tests are built for "turnstile test", whose standard library is compiled in another way and whose
// schedules need not be fair.
const explored = false
