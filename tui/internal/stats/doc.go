// Package stats shows the statistics of a recording as three tables: its objects, its goroutines and its warnings.
//
// [Tables] adds up the events in slices, so that the screen stays responsive while it works through a long recording.
//
// # Files
//
//   - The tables, and what is chosen in them: stats.go.
//   - How they are drawn: draw.go, table.go, columns.go.
package stats
