//go:build race && turnstile_goroot

package explore

import "runtime"

var racesBefore int

// raceErrors returns the number of data races that the detector reported since the last call.
func raceErrors() int {
	n := runtime.RaceErrors()
	defer func() { racesBefore = n }()
	return n - racesBefore
}
