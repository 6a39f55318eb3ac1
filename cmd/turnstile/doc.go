// Command turnstile shows what goroutines do at synchronization primitives: it runs small programs over package
// sync2, animates them in the terminal, and records and plays their traces. See "turnstile --help".
//
// # Files
//
//   - The root of the program, and settings: main.go, root.go, settings.go, man.go.
//   - Listing, running and playing scenarios: catalog.go, list.go, marks.go, lesson.go, run.go.
//   - Checking scenarios: check.go, hint.go, replay.go, suite.go, matrix.go, machine.go.
//   - Playing, comparing, exporting and measuring traces: play.go, show.go, diff.go, export.go,
//     stats.go, times.go.
//   - Driving and the sandbox: drive.go, sandbox.go, sandboxui.go.
//   - Tests of any Go package: test.go. Packages gotest and testline do the work.
//   - Watching programs, and the engine for several hosts: watch*.go, engine.go.
package main
