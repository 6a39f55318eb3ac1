// Package b counts.
package b

import "sync/atomic"

var n, begun = new(atomic.Int32), start()

func start() int32 { return 40 }

// Next returns the next number: 41 is the first.
func Next() int32 { return begun + n.Add(1) }
