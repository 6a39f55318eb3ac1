// Package goroot makes private copies of Go in which the standard library tells an explorer of what a program is about to
// do, and has the explorer in it. Programs are built with them unmodified.
//
// A private GOROOT consists of links to that of the user but for the files that are patched, which are made on the user's
// machine: see patches.go. The explorer is in it as the packages below internal/turnstile, and every test binary that is
// built with it imports it. With the build tag turnstile_goroot it is connected to the patched runtime.
//
// # Files
//
//   - The private GOROOT, and the versions of Go that it can be made from: goroot.go, tree.go, versions.go.
//   - Patches of the standard library, for the explorer and for package tell: patches.go, tellpatches.go.
package goroot
