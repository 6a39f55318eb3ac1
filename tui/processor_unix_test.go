//go:build unix

package tui

import (
	"syscall"
	"time"
)

// processorTime returns the processor time that this process has used, which measures work even if other processes share the
// machine. It is 0 if that is unknown.
func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
