//go:build unix

package tui

import (
	"syscall"
	"time"
)

// processorTime returns how much processor time this process has taken, which tells what work costs on a machine that others
// use too. It is 0 where that is not known.
func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
