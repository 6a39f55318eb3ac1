//go:build race && turnstile_goroot

package explore

import "runtime"

var racesBefore int

// raceErrors returns how many data races the detector has told of since the last call.
func raceErrors() int {
	n := runtime.RaceErrors()
	defer func() { racesBefore = n }()
	return n - racesBefore
}
