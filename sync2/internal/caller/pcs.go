//go:build gc && (amd64 || arm64)

package caller

// pcs is in pcs_*.s.
//
//go:noescape
func pcs(buf *[Depth]uintptr) int
