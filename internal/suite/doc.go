// Package suite verifies that each scenario does exactly what it claims, with every checker that applies: the race
// detector, goleak, go-deadlock, the validator and the explorer. A scenario that is expected to be clean passes all of
// them. One with a bug is reported by the checkers for that kind of bug, every time, and by no others.
//
// The tests of this module and the command "turnstile suite" share it.
//
// # Files
//
//   - Checkers and outcomes: suite.go, junit.go.
//   - Runs of a scenario, in this process or a child: running.go, programs.go, child.go, detecting_race.go,
//     detecting_norace.go, internals.go, internals_deadlock.go.
//   - The explorer: exploring.go, shortest.go.
package suite
