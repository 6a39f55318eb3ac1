// Package stacks watches a service by means of goroutine profiles of net/http/pprof: which goroutines wait where, and
// since when. A profile does not show which objects goroutines wait for, nor which goroutines hold these.
//
// # Files
//
//   - Fetching and parsing profiles: fetch.go, parse.go.
//   - Events made from the differences between two profiles: look.go, tale.go.
package stacks
