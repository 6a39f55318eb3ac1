// Package console writes what turnstile prints: results to the standard output, messages and progress to the standard error.
//
// # Files
//
//   - The output of a command, and messages: output*.go.
//   - The end of the output of another program: tail.go.
//   - Progress bars, and a line for what takes long: bar.go, status.go.
package console
