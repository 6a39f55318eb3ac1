//go:build !race

package sync2_test

// underRace says that the race detector is there. Then a sync.Pool forgets, now and then, on purpose.
const underRace = false
