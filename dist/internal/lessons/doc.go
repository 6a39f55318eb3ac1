// Package lessons has the programs of the scenarios that need several processes and an engine. Package scenarios of the main module
// has their texts and recordings.
//
// Each lesson runs in the process that has the engine, and starts other processes of the same program, with an environment variable
// that says what to do. They share nothing but the space, and a pipe for requests that are not about the space.
//
// # Files
//
//   - The lessons: account.go, dishes.go, fetch.go.
//   - How one is run: lessons.go, pause_unix.go, pause_other.go.
package lessons
