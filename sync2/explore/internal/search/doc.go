// Package search chooses the schedules under which a program is run. It does not run the program: the engine asks a
// strategy before each run and at each step, and the strategy sees the run as a [View].
//
// Each policy is a file: random walks, PCT, depth-first search with sleep sets, dynamic partial-order reduction on top of
// it, iterative context bounding around that, replay, and shortening a failing schedule. Tokens are schedules as text.
//
// # Files
//
//   - The interface of a strategy, and what it sees of a run: view.go, strategy.go, watched.go.
//   - Random strategies: random.go, pct.go.
//   - Systematic strategies: dfs.go, dpor.go, iterative.go.
//   - Replaying, encoding and shortening a schedule: replay.go, token.go, shrink.go.
package search
