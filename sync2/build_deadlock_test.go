//go:build deadlock

package sync2_test

// checkedMutexes reports whether go-deadlock checks the internal mutexes. If so, they allocate, and belong to one bubble.
const checkedMutexes = true
