//go:build !race && turnstile_goroot

package explore

// raceErrors returns the number of data races reported since the last call: none without the detector.
func raceErrors() int { return 0 }
