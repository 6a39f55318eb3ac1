//go:build !unix

package engine

import "time"

// CPUTime returns how long the process has run, on all processors together, and whether that is known.
func CPUTime() (time.Duration, bool) { return 0, false }
