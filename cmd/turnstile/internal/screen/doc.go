// Package screen gives the terminal back as it was found, however the program ends: by itself, by a signal, by a panic or
// by a crash.
//
// # Files
//
//   - The terminal: screen.go.
//   - Signals and panics: signals.go.
//   - A second process that outlives a crash: guard*.go.
package screen
