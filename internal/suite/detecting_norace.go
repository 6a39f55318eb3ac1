//go:build !race

package suite

// Detecting reports whether the race detector is on.
const Detecting = false

// raceErrors returns how many races the detector has reported.
func raceErrors() int { return 0 }
