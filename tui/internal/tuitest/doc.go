// Package tuitest holds what the tests of the terminal UI share: traces written by hand, and recordings of all scenarios.
//
// # Files
//
//   - Traces written by hand, and those that several tests use: trace.go, traces.go.
//   - Recordings of scenarios: scenarios.go, race.go, norace.go.
//   - What holds for everything that is drawn: fits.go, marks.go.
package tuitest
