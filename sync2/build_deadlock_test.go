//go:build deadlock

package sync2_test

// checkedMutexes says that go-deadlock looks at the internal mutexes. Then they allocate, and belong to one bubble.
const checkedMutexes = true
