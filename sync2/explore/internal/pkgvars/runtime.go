//go:build turnstile_goroot

package pkgvars

import (
	"unsafe"
)

//go:linkname rtSectionAt runtime.tsSectionAt
func rtSectionAt(i int) (from, to uintptr, first unsafe.Pointer, pointers bool)

//go:linkname rtSpace runtime.tsSpace
func rtSpace(n uintptr) unsafe.Pointer

//go:linkname rtCounters runtime.tsCounters
func rtCounters() (from, to uintptr)

//go:linkname rtPutBack runtime.tsPutBack
func rtPutBack(dst, src unsafe.Pointer, n uintptr, pointers bool)

//go:linkname rtPutAllBack runtime.tsPutAllBack
func rtPutAllBack(spans []pristine)

//go:linkname rtHoldFinalizers runtime.tsHoldFinalizers
func rtHoldFinalizers(hold bool)

//go:linkname rtInit runtime.tsInit
func rtInit(i int) uintptr

//go:linkname rtInitAgain runtime.tsInitAgain
func rtInitAgain(i int)

//go:linkname rtInitOver runtime.tsInitOver
func rtInitOver(i int)

//go:linkname rtIsPointer runtime.tsIsPointer
func rtIsPointer(at uintptr) bool

//go:linkname rtHeapPointers runtime.tsHeapPointers
func rtHeapPointers(from, to uintptr, known []unsafe.Pointer) []unsafe.Pointer

// A pristine span holds its content from before package initialization. It has the layout of the runtime's tsSpan.
type pristine struct {
	at, was  unsafe.Pointer // was is nil: zeros
	n        uintptr
	pointers bool
}
