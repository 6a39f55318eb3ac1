// Package testline takes the command line of "turnstile test" apart, and says with which arguments go test is run for it.
//
// # Files
//
//   - What was given: line.go.
//   - What go test gets: gotest.go.
package testline
