//go:build !race

package tuitest

// underRace reports whether the race detector is on, which fails tests with data races.
const underRace = false
