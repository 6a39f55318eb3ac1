package process

import (
	"reflect"
	"unsafe"
)

// What consists of plain memory travels as that. All that is unsafe in this package is here.

// memoryOf returns the memory of *v, which has the given size and no pointers.
func memoryOf[T any](v *T, size int) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(v)), size) //nolint:gosec // *v has size bytes without pointers
}

// A runHeader is the memory of a string, and that with which a slice begins.
type runHeader struct {
	data unsafe.Pointer
	len  int
}

// A sliceHeader is the memory of a slice.
type sliceHeader struct {
	runHeader
	cap int
}

// runOf returns the memory of the elements of *v, a string or a slice of what has the given size and no pointers. It is nil
// if the slice is.
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

var empty [16]byte // where empty slices are

// A box makes a value of any type one that gob takes: nil pointers and interfaces, too.
type box[T any] struct{ V T }

// boxOf returns *v as the box that it is in memory.
func boxOf[T any](v *T) *box[T] {
	return (*box[T])(unsafe.Pointer(v)) //nolint:gosec // a struct of one field is laid out as the field
}
