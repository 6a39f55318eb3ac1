package caller

// Depth is how many return addresses PCs gives.
const Depth = 12

// PCs fills buf with the return addresses of the callers of the function that calls it, innermost first, and returns
// how many there are. They are to be read with runtime.CallersFrames.
func PCs(buf *[Depth]uintptr) int { return pcs(buf) }
