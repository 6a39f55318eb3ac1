//go:build !race

package suite

// Detecting says that the race detector is there.
const Detecting = false

// raceErrors returns how many races the detector has reported.
func raceErrors() int { return 0 }
