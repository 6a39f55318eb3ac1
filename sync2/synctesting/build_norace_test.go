//go:build !race

package synctesting_test

// underRace reports whether the race detector is enabled.
const underRace = false
