// Package pkgvars restores package variables, so that a test can run many times in one process as if each time were
// the first.
//
// Before each run the variables get the bytes that they had when the process began, and then the functions that
// initialize the packages run again. This is done for the tested module and the modules it depends on; the variables
// of the standard library are left alone.
// It needs the runtime of a private GOROOT: without the build tag turnstile_goroot the package is empty.
//
// # Files
//
//   - The variables, and the ways of restoring them: vars.go, init.go.
//   - Finding them, and their place in memory: find.go, image.go, pages.go, pages_linux.go, symbols*.go.
//   - Functions of the runtime: runtime.go.
package pkgvars
