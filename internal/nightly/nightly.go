// Package nightly sets the number of tries of tests that depend on chance: nightly runs have more time.
package nightly

import "os"

// variable is the environment variable that "make test-long" sets, to any value, so that tests try as often as in
// nightly runs.
const variable = "TURNSTILE_TEST_LONG"

// Or returns the number of tries of a test: usual, or often in nightly runs.
func Or(usual, often int) int {
	if os.Getenv(variable) != "" {
		return often
	}
	return usual
}
