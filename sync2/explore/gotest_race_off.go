//go:build !race && turnstile_goroot

package explore

// raceErrors returns how many data races the detector has told of since the last call: there is none.
func raceErrors() int { return 0 }
