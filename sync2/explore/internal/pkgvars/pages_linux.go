//go:build turnstile_goroot

package pkgvars

import (
	"os"
	"syscall"
	"unsafe"
)

// copyTouched copies memory that was zero when the process began to dst, which is zero. It omits untouched pages:
// package crypto alone has 32 MB of them.
func copyTouched(dst, src []byte) {
	if !copyUsed(dst, src) {
		copy(dst, src)
	}
}

// copyUsed copies the pages that may not be zero, and reports whether the system has identified them. It does not
// open a file of package os, since the runtime would then begin to check for outside input.
func copyUsed(dst, src []byte) (told bool) {
	file, err := syscall.Open("/proc/self/pagemap", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer func() { _ = syscall.Close(file) }()
	const somewhere = 3 << 62 // in memory, or swapped out
	from, n := uintptr(unsafe.Pointer(&src[0])), uintptr(len(src))
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
			a, b := max(page, from)-from, min(page+size-from, n)
			copy(dst[a:b], src[a:b])
		}
	}
	return told
}
