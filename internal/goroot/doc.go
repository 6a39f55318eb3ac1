// Package goroot makes private copies of Go whose standard library calls an explorer, which it contains, before each
// operation of a program. Programs are built with them unmodified.
//
// A private GOROOT consists of links to the user's GOROOT, except for the patched files, which are made on the user's
// machine: see patches.go. It contains the explorer as the packages below internal/turnstile, and every test binary that
// is built with it imports that. With the build tag turnstile_goroot it is connected to the patched runtime.
//
// # Files
//
//   - The private GOROOT, and the versions of Go that it can be made from: goroot.go, tree.go, versions.go.
//   - Patches of the standard library, for the explorer and for package tell: patches.go, tellpatches.go.
package goroot
