// Package lessons has the programs of the scenarios that need several processes and an engine. Package scenarios of the main module
// has what is told of them, and their recordings.
//
// Each runs in the process that has the engine, which starts others: the same program, with an environment variable that says what it
// is to do. They share nothing but the space, and a pipe by which they ask for what is not in it.
//
// # Files
//
//   - The lessons: account.go, dishes.go, fetch.go.
//   - How one is run: lessons.go, pause_unix.go, pause_other.go.
package lessons
