//go:build !race

package synctesting

// detecting says that the race detector is there.
const detecting = false

// races returns how many races the detector has reported.
func races() int { return 0 }
