//go:build race

package synctesting_test

// underRace says that the race detector is there.
const underRace = true
