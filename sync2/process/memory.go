package process

import (
	"reflect"
	"unsafe"
)

// Plain memory is sent as it is. All unsafe code of this package is in this file.

// memoryOf returns the memory of *v, which has the given size and contains no pointers.
func memoryOf[T any](v *T, size int) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(v)), size) //nolint:gosec // *v has size bytes without pointers
}

// A runHeader is the memory of a string, and the beginning of that of a slice.
type runHeader struct {
	data unsafe.Pointer
	len  int
}

// A sliceHeader is the memory of a slice.
type sliceHeader struct {
	runHeader
	cap int
}

// runOf returns the memory of the elements of *v, a string or a slice whose elements have the given size and contain no
// pointers. It returns nil for a nil slice.
func runOf[T any](v *T, size int) []byte {
	h := (*runHeader)(unsafe.Pointer(v))             //nolint:gosec // both strings and slices begin so
	return unsafe.Slice((*byte)(h.data), h.len*size) //nolint:gosec // len elements of size bytes
}

// setRun makes the string or slice *v consist of the memory of b.
func setRun[T any](v *T, b []byte, size int) {
	data := unsafe.Pointer(unsafe.SliceData(b)) //nolint:gosec // the memory of b
	if data == nil {
		data = unsafe.Pointer(&empty) //nolint:gosec // a place to point to
	}
	run := runHeader{data, len(b) / size}
	if reflect.TypeFor[T]().Kind() == reflect.String {
		*(*runHeader)(unsafe.Pointer(v)) = run //nolint:gosec // a string is such a header
		return
	}
	*(*sliceHeader)(unsafe.Pointer(v)) = sliceHeader{run, run.len} //nolint:gosec // a slice is such a header
}

var empty [16]byte // the memory of empty slices

// A box wraps a value so that gob accepts it, even if it is a nil pointer or an interface.
type box[T any] struct{ V T }

// boxOf returns *v as a box, which has the same memory.
func boxOf[T any](v *T) *box[T] {
	return (*box[T])(unsafe.Pointer(v)) //nolint:gosec // a struct of one field is laid out as the field
}
