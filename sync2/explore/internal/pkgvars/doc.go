// Package pkgvars puts the variables of packages back to what they were, so that a test can run many times in one process as if each
// time were the first.
//
// Before each run they get the bytes that they had when the process began, and then the functions that initialize the packages run once
// more. This is done for the tested module and for the modules it depends on; the standard library's variables are left as they are.
// It needs the runtime of a private GOROOT: without the build tag turnstile_goroot the package is empty.
//
// # Files
//
//   - The variables, and the ways of putting them back: vars.go, init.go.
//   - Which they are, and where in memory: find.go, image.go, pages.go, pages_linux.go, symbols*.go.
//   - What the runtime does: runtime.go.
package pkgvars
