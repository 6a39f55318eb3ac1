//go:build turnstile_goroot && unix

package explore

import (
	"syscall"
	"time"
)

// cpuTime returns how long the process has run, on all processors together, and whether that is known.
func cpuTime() (time.Duration, bool) {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0, false
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), true
}
