// Package wording has texts that fit into a given number of cells, and numbers and times in words.
//
// What does not fit goes without what can be spared, clause by clause, before anything is cut.
//
// # Files
//
//   - Texts in little room: fit.go.
//   - Numbers and times: count.go.
package wording
