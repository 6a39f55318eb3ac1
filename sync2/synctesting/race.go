//go:build race

package synctesting

import "runtime"

// detecting reports whether the race detector is enabled.
const detecting = true

// races returns the number of races that the detector has reported.
func races() int { return runtime.RaceErrors() }
