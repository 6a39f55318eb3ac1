//go:build !race

package suite

// Detecting reports whether the race detector is on.
const Detecting = false

// raceErrors returns the number of races that the detector has reported.
func raceErrors() int { return 0 }
