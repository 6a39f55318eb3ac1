//go:build unix

package engine

import (
	"syscall"
	"time"
)

// CPUTime returns the processor time of this process, and reports whether that is known.
func CPUTime() (time.Duration, bool) {
	var use syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &use) != nil {
		return 0, false
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano()), true
}
