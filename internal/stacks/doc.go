// Package stacks watches a service by the goroutine profiles that net/http/pprof answers with: who waits where, and since
// when. At which objects goroutines wait, and who holds these, is not in a profile.
//
// # Files
//
//   - Fetching and parsing profiles: fetch.go, parse.go.
//   - Events made from the differences between two profiles: look.go, tale.go.
package stacks
