//go:build !race

package sync2_test

// underRace reports whether the race detector is enabled. If so, a sync.Pool drops items at random on purpose.
const underRace = false
