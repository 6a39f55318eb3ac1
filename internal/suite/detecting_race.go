//go:build race

package suite

import "runtime"

// Detecting says that the race detector is there.
const Detecting = true

// raceErrors returns how many races the detector has reported.
func raceErrors() int { return runtime.RaceErrors() }
