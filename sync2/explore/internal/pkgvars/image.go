//go:build turnstile_goroot

package pkgvars

import (
	"unsafe"
)

// A section is a part of the memory that holds variables.
type section struct {
	from, to uintptr
	first    unsafe.Pointer // what was there at first; nil: zeros
	start    []byte         // what was there when all packages had been initialized
	begun    []byte         // what was there before the first test: what TestMain has set besides
	pointers bool
}

// An Image is what the variables were at some time, and what they pointed to in the heap, so that this is kept. It is outside the
// heap: it has more than 32 MB, of which few are touched.
type Image struct {
	sections [4][]byte
	kept     []unsafe.Pointer
}

// TakeImage returns what the variables are.
func TakeImage() *Image {
	m := new(Image)
	for i := range m.sections {
		from, to, first, pointers := rtSectionAt(i)
		if from == to {
			continue
		}
		now := unsafe.Slice((*byte)(at(from)), to-from)
		m.sections[i] = unsafe.Slice((*byte)(rtSpace(to-from)), to-from)
		if first != nil {
			copy(m.sections[i], now)
		} else {
			copyTouched(m.sections[i], now)
		}
		if pointers {
			m.kept = rtHeapPointers(from, to, m.kept) // most do not point there, and each takes the collector time
		}
	}
	return m
}

// A span is a part of a section.
type span struct {
	from, to uintptr
	s        *section
	saved    []byte // what was there when the first run of the test had ended
}

// at returns the memory at an address, which is none of the heap.
//
//go:nocheckptr
func at(p uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&p)) }

func (s *span) now() []byte { return unsafe.Slice((*byte)(at(s.from)), s.to-s.from) }

// in returns of what was in the section what belongs to s.
func (s *span) in(section []byte) []byte { return section[s.from-s.s.from : s.to-s.s.from] }

// A word is a pointer-sized part of a variable that TestMain has set.
type word struct {
	at  uintptr
	val uintptr
	ptr unsafe.Pointer // val, if it is a pointer
	s   *section
}

const ptrSize = unsafe.Sizeof(uintptr(0))
