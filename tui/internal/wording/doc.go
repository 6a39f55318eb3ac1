// Package wording fits texts into a given number of cells, and puts numbers and times into words.
//
// A text that does not fit loses its least important clauses before any word is cut.
//
// # Files
//
//   - Fitting texts: fit.go.
//   - Numbers and times: count.go.
package wording
