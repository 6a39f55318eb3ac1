//go:build race

package tuitest

// underRace says that the race detector watches, which fails any test that it finds a race in.
const underRace = true
