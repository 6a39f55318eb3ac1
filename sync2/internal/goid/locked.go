package goid

import (
	"runtime"
	"sync"
	"unsafe"
)

// LockWord returns the address of the word, in the g structure of the goroutine with the given [Slot], that holds the
// thread to which the goroutine is locked: the word is 0 exactly while the goroutine is not locked. It returns nil if
// the offset is not known. Only the goroutine itself may read the word, or one that knows that it is not running.
func LockWord(slot uintptr) *uintptr {
	if lockedAt() == 0 {
		return nil
	}
	return word(slot, lockedAt())
}

// lockedAt is the offset in a g structure of the thread to which the goroutine is locked; 0: not known. Like that of
// the id, it is searched for: it is the word that runtime.LockOSThread makes nonzero, and runtime.UnlockOSThread zero
// again, in several goroutines.
var lockedAt = sync.OnceValue(func() uintptr {
	if !SlotsAreReused() {
		return 0
	}
	if _, lock := told(); lock != 0 {
		return lock
	}
	var places []uintptr
	for at := unsafe.Sizeof(offset); at < farthest; at += unsafe.Sizeof(offset) {
		places = append(places, at)
	}
	for range 3 {
		ok := make(chan []uintptr)
		go func() { ok <- placesOfLock(places) }()
		places = <-ok
	}
	if len(places) != 1 {
		return 0
	}
	return places[0]
})

// placesOfLock returns those of the given offsets whose words are nonzero exactly while the goroutine is locked.
func placesOfLock(among []uintptr) (found []uintptr) {
	slot := Slot()
	zero := func(at uintptr) bool { return *word(slot, at) == 0 }
	for _, at := range among {
		before := zero(at)
		runtime.LockOSThread()
		during := zero(at)
		runtime.UnlockOSThread()
		if before && !during && zero(at) {
			found = append(found, at)
		}
	}
	return found
}

// word returns the address of a word of a g structure. The runtime does not move g structures.
//
//go:nocheckptr
func word(slot, at uintptr) *uintptr {
	return (*uintptr)(unsafe.Add(*(*unsafe.Pointer)(unsafe.Pointer(&slot)), at)) //nolint:gosec // at is within it
}
