// Package gotest runs go test with a patched standard library, to explore tests of any Go package, to replay them and to
// drive them.
//
// # Files
//
//   - Preparing and running go test: gotest.go. It recognizes a module that requires another version of turnstile: skew.go.
//   - Exploring: explore.go. What the test binaries report: reports.go. Failures as annotations: annotate.go. Progress on
//     the terminal: status.go.
//   - Replaying a token: replay.go, token.go.
//   - Driving a test: driver.go, pipes_*.go.
package gotest
