//go:build turnstile_goroot

package engine

import _ "unsafe" // for go:linkname

// goroutinesStarted is not needed here: the explorer knows every goroutine.
func goroutinesStarted() uint64 { return 0 }

// stackBytes returns the memory used by the stacks of the process. It avoids package runtime/metrics, whose
// initialization takes longer than most of a test binary's start.
//
//go:linkname stackBytes runtime.tsStackBytes
func stackBytes() uint64
