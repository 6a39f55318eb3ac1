//go:build !race

package synctesting

// detecting reports whether the race detector is enabled.
const detecting = false

// races returns the number of races that the detector has reported.
func races() int { return 0 }
