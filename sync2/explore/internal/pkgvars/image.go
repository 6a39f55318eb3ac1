//go:build turnstile_goroot

package pkgvars

import (
	"unsafe"
)

// A section is a part of the memory that holds variables.
type section struct {
	from, to uintptr
	first    unsafe.Pointer // the content at process start; nil: zeros
	start    []byte         // the content after all packages were initialized
	begun    []byte         // the content before the first test, including what TestMain set
	pointers bool
}

// An Image holds the variables' values at some time, and keeps alive the heap objects they pointed to. It is outside
// the heap: it has more than 32 MB, few of which are touched.
type Image struct {
	sections [4][]byte
	kept     []unsafe.Pointer
	asFirst  []missing // the parts that complete adds
}

// A missing part of an image had the same content as when the process began.
type missing struct {
	to    []byte
	first unsafe.Pointer
}

// part is the size of the parts that are left out together if they are unchanged: about as many bytes as are touched at once.
const part = 4096

// TakeImage returns the current values of the variables. It leaves to [Image.complete] the parts that are unchanged since
// the process began, most of those with initial values: few tests need them, and to copy a page takes as long as some
// thousand operations.
func TakeImage() *Image {
	m := new(Image)
	for i := range m.sections {
		from, to, first, pointers := rtSectionAt(i)
		if from == to {
			continue
		}
		now := unsafe.Slice((*byte)(at(from)), to-from)
		image := unsafe.Slice((*byte)(rtSpace(to-from)), to-from)
		m.sections[i] = image
		each := func(a, b uintptr) {
			copy(image[a:b], now[a:b])
			if pointers {
				m.kept = rtHeapPointers(from+a, from+b, m.kept) // most words do not point there, and each costs the collector time
			}
		}
		if first == nil {
			touched(now, each)
			continue
		}
		was := unsafe.Slice((*byte)(first), to-from)
		for a := uintptr(0); a < to-from; {
			b := min(a+part-(from+a)%part, to-from)
			if string(now[a:b]) != string(was[a:b]) {
				each(a, b)
			} else {
				m.asFirst = append(m.asFirst, missing{image[a:b], unsafe.Pointer(&was[a])})
			}
			a = b
		}
	}
	return m
}

// complete adds the parts that TakeImage has left out.
func (m *Image) complete() {
	for _, p := range m.asFirst {
		copy(p.to, unsafe.Slice((*byte)(p.first), len(p.to)))
	}
	m.asFirst = nil
}

// A span is a part of a section.
type span struct {
	from, to uintptr
	s        *section
	saved    []byte // the content after the first run of the test
}

// at returns the memory at an address outside the heap.
//
//go:nocheckptr
func at(p uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&p)) }

func (s *span) now() []byte { return unsafe.Slice((*byte)(at(s.from)), s.to-s.from) }

// in returns the part of the section's content that belongs to s.
func (s *span) in(section []byte) []byte { return section[s.from-s.s.from : s.to-s.s.from] }

// A word is a pointer-sized part of a variable that TestMain has set.
type word struct {
	at  uintptr
	val uintptr
	ptr unsafe.Pointer // val, if it is a pointer
	s   *section
}

const ptrSize = unsafe.Sizeof(uintptr(0))
