// Package tuitest has what the tests of the terminal UI share: tapes of events made by hand, and recordings of all scenarios.
//
// # Files
//
//   - Tapes: tape.go.
//   - Recordings of scenarios: scenarios.go, race.go, norace.go.
//   - What is true of everything that is drawn: fits.go, marks.go.
package tuitest
