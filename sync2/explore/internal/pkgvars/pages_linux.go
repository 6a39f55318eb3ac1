//go:build turnstile_goroot

package pkgvars

import (
	"os"
	"syscall"
	"unsafe"
)

// touched calls each with the parts of mem, which was zero when the process began, that may not be zero any longer. It
// omits untouched pages: package crypto alone has 32 MB of them.
func touched(mem []byte, each func(from, to uintptr)) {
	if !inUse(mem, each) {
		each(0, uintptr(len(mem)))
	}
}

// inUse does what touched does where the system tells which pages are in use, and reports whether it does. It does not
// read the file with package os, which would make the runtime poll for I/O from then on.
func inUse(mem []byte, each func(from, to uintptr)) (told bool) {
	file, err := syscall.Open("/proc/self/pagemap", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer func() { _ = syscall.Close(file) }()
	const somewhere = 3 << 62 // in memory, or swapped out
	from, n := uintptr(unsafe.Pointer(&mem[0])), uintptr(len(mem))
	size := uintptr(os.Getpagesize())
	end := (from+n-1)/size + 1
	entries := make([]uint64, 512)
	for first := from / size; first < end; first += uintptr(len(entries)) {
		entries := entries[:min(uintptr(len(entries)), end-first)]
		b := unsafe.Slice((*byte)(unsafe.Pointer(&entries[0])), 8*len(entries))
		if got, _ := syscall.Pread(file, b, int64(8*first)); got != len(b) { //nolint:gosec // an address has at most 63 bits
			return false
		}
		for i, e := range entries {
			if e&somewhere == 0 {
				continue
			}
			told = true
			page := (first + uintptr(i)) * size
			each(max(page, from)-from, min(page+size-from, n))
		}
	}
	return told
}
