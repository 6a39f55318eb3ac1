package caller

// Depth is the maximum number of return addresses that PCs returns.
const Depth = 12

// PCs fills buf with the return addresses of the callers of the function that calls it, innermost first, and returns
// their number. Decode them with runtime.CallersFrames.
func PCs(buf *[Depth]uintptr) int { return pcs(buf) }
