// Package session runs a scenario with a trace, and says how it ended.
//
// # Files
//
//   - Running a scenario: session.go.
//   - Following it to its end, or until it hangs: follow.go.
//   - What is said about the end: remarks.go.
package session
