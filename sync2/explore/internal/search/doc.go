// Package search decides in what orders a program is run. It knows nothing of how that is done: a strategy is asked before
// each run and at each step, and sees the run as a [View].
//
// Each policy is a file: random walks, PCT, depth-first search with sleep sets, dynamic partial-order reduction on top of
// it, iterative context bounding around that, replay, and what makes a failing order shorter. Tokens are orders as text.
//
// # Files
//
//   - The interface of a strategy, and what it sees of a run: view.go, strategy.go, watched.go.
//   - Random strategies: random.go, pct.go.
//   - Systematic strategies: dfs.go, dpor.go, iterative.go.
//   - Replaying, encoding and shortening a schedule: replay.go, token.go, shrink.go.
package search
