//go:build turnstile_goroot

package explore

import _ "unsafe" // for go:linkname

//go:linkname rtHide runtime.tsHide
func rtHide(hide bool)

//go:linkname rtHeapMinimum runtime.tsHeapMinimum
func rtHeapMinimum(n uint64)

//go:linkname rtLocked runtime.tsLocked
func rtLocked() bool

//go:linkname rtMeasuredAt runtime.tsMeasuredAt
func rtMeasuredAt(pcs []uintptr) int

//go:linkname rtHasMeasured runtime.tsHasMeasured
func rtHasMeasured() bool
