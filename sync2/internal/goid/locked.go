package goid

import (
	"runtime"
	"sync"
	"unsafe"
)

// Locked reports whether the goroutine whose [Slot] it is has locked itself to a thread, and whether that is known. It
// is for the goroutine itself, or for one that knows that it does not run.
func Locked(slot uintptr) (locked, known bool) {
	at := lockedAt()
	return at != 0 && word(slot, at) != 0, at != 0
}

// lockedAt is where in a g structure the thread stands to which the goroutine is locked; 0: not known. Like the id, it
// is looked for: it is what runtime.LockOSThread makes other than zero, and runtime.UnlockOSThread zero again, in
// several goroutines.
var lockedAt = sync.OnceValue(func() uintptr {
	if !SlotsAreReused() {
		return 0
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

// placesOfLock returns those of the given places that are other than zero exactly while the goroutine is locked.
func placesOfLock(among []uintptr) (found []uintptr) {
	slot := Slot()
	zero := func(at uintptr) bool { return word(slot, at) == 0 }
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

// word returns what stands at the given place of a g structure. The runtime does not move them.
//
//go:norace
//go:nocheckptr
func word(slot, at uintptr) uintptr {
	return *(*uintptr)(unsafe.Add(*(*unsafe.Pointer)(unsafe.Pointer(&slot)), at)) //nolint:gosec // at is within it
}
