//go:build turnstile_goroot

package engine

import _ "unsafe" // for go:linkname

// goroutinesStarted is not needed here: the explorer knows of each goroutine.
func goroutinesStarted() uint64 { return 0 }

// stackBytes returns how much memory the stacks of the process take. It does not need package runtime/metrics, to initialize which
// takes a test binary longer than most else.
//
//go:linkname stackBytes runtime.tsStackBytes
func stackBytes() uint64
