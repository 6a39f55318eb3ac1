//go:build turnstile_goroot && !unix

package explore

import "time"

// cpuTime returns how long the process has run, on all processors together, and whether that is known.
func cpuTime() (time.Duration, bool) { return 0, false }
