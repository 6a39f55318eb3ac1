//go:build race

package synctesting

import "runtime"

// detecting says that the race detector is there.
const detecting = true

// races returns how many races the detector has reported.
func races() int { return runtime.RaceErrors() }
