//go:build !(gc && (amd64 || arm64))

package caller

import "runtime"

func pcs(buf *[Depth]uintptr) int { return runtime.Callers(4, buf[:]) }
