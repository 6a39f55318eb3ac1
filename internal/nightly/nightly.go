// Package nightly tells tests how often to try what only chance brings about: in the night there is more time for that.
package nightly

import "os"

// variable is the environment variable that "make test-long" sets, to anything, so that tests try as often as in the night.
const variable = "TURNSTILE_TEST_LONG"

// Or returns how often a test tries something: usual times, and in the night often times.
func Or(usual, often int) int {
	if os.Getenv(variable) != "" {
		return often
	}
	return usual
}
