// Package cgo calls C.
package cgo

// static int twice(int n) { return 2 * n; }
import "C"

// Twice returns 2n.
func Twice(n int) int { return int(C.twice(C.int(n))) }
