//go:build race

package suite

import "runtime"

// Detecting reports whether the race detector is on.
const Detecting = true

// raceErrors returns the number of races that the detector has reported.
func raceErrors() int { return runtime.RaceErrors() }
