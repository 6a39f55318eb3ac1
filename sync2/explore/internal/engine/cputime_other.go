//go:build !unix

package engine

import "time"

// CPUTime returns the processor time of this process, and reports whether that is known.
func CPUTime() (time.Duration, bool) { return 0, false }
