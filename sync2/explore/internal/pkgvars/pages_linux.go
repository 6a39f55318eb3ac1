//go:build turnstile_goroot

package pkgvars

import (
	"os"
	"slices"
	"unsafe"
)

// copyTouched copies memory that was zero when the process began to dst, which is zero. It leaves out the pages that nobody has
// touched: package crypto alone has 32 MB of them.
func copyTouched(dst, src []byte) {
	from, n := uintptr(unsafe.Pointer(&src[0])), uintptr(len(src))
	size := uintptr(os.Getpagesize())
	first := from / size
	for i, used := range usedPages(first, (from+n-1)/size-first+1) {
		if used {
			page := (first + uintptr(i)) * size
			a, b := max(page, from)-from, min(page+size-from, n)
			copy(dst[a:b], src[a:b])
		}
	}
}

// usedPages reports which of n pages of the process's memory, from the given one on, may hold anything else than zeros.
func usedPages(first, n uintptr) []bool {
	used := make([]bool, n)
	entries := make([]uint64, n)
	if file, err := os.Open("/proc/self/pagemap"); err == nil {
		defer file.Close()
		b := unsafe.Slice((*byte)(unsafe.Pointer(&entries[0])), 8*n)
		if _, err := file.ReadAt(b, int64(8*first)); err != nil { //nolint:gosec // an address has at most 63 bits
			clear(entries)
		}
	}
	const somewhere = 3 << 62 // in memory, or swapped out
	for i, e := range entries {
		used[i] = e&somewhere != 0
	}
	if !slices.Contains(used, true) { // the system does not tell
		for i := range used {
			used[i] = true
		}
	}
	return used
}
