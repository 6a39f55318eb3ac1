// Command turnstile shows what goroutines do at synchronization primitives: it runs small programs over package
// sync2, animates them in the terminal, and records and plays their traces. See "turnstile --help".
//
// # Files
//
//   - The root of the program, and settings: main.go, root.go, settings.go, man.go.
//   - What the terminal UI is given, and what it remembers: ui.go, marks.go.
//   - Listing and running scenarios and lessons: catalog.go, list.go, run*.go, lesson.go.
//   - Checking scenarios: check.go, hint.go, replay.go, suite.go, matrix.go. Their results as JSON: json.go.
//   - Playing, comparing, exporting and measuring traces: play.go, diff.go, export.go, stats.go.
//   - Driving and the sandbox: drive.go, sandbox*.go.
//   - Tests of any Go package: test.go.
//   - Watching programs, and the engine for several hosts: watch*.go, engine.go.
//
// A file named after a command has its flags and help. The work is done in the packages below internal: screen, console and
// exit for how the program begins, prints and ends; session, record and source for scenarios that run; gotest and testline for
// go test, and lessons on top of it; engine and feeds for what is watched; report, github and shown for results; procgroup,
// cache and interruptible for the rest.
package main
