package goid

import (
	"runtime"
	"strconv"
	"strings"
	"unsafe"
)

// offset is the offset of the id in a g structure; 0: take the slow path. It is written by init, and by tests.
var offset uintptr

func init() { offset = findOffset() }

// Get returns the id of the calling goroutine. Ids are positive and never reused.
func Get() int64 {
	_, id := self()
	return id
}

// Slot returns a number that no other living goroutine has: the address of the runtime's g structure, or the id if
// that address is not available. The runtime reuses g structures and never frees them, so as keys of a table slots are
// bounded by the peak number of living goroutines; but a slot may have belonged to another goroutine before, so an
// entry must also record the id.
func Slot() uintptr {
	slot, _ := self()
	return slot
}

// Self returns both [Slot] and [Get].
func Self() (slot uintptr, id int64) { return self() }

// SlotsAreReused reports whether Slot returns addresses, which are reused, rather than ids, which are not.
func SlotsAreReused() bool { return offset != 0 }

// selfSlow is self if the offset is not known.
//
//nolint:unused // it is called by self_*.s, or by self_other.go
func selfSlow() (slot uintptr, id int64) {
	id = parse()
	return uintptr(id), id
}

// findOffset returns the only offset at which each of a few goroutines has its id, 0 if there is none.
func findOffset() uintptr {
	if id, _ := told(); id != 0 && farthest != 0 {
		return id
	}
	places := placesOfID(nil)
	for range 3 {
		ok := make(chan []uintptr)
		go func() { ok <- placesOfID(places) }()
		places = <-ok
	}
	if len(places) != 1 {
		return 0
	}
	return places[0]
}

// placesOfID returns those of the given offsets, nil meaning all, at which the calling goroutine's id is.
func placesOfID(among []uintptr) []uintptr {
	if among == nil {
		for at := unsafe.Sizeof(offset); at < farthest; at += unsafe.Sizeof(offset) {
			among = append(among, at)
		}
	}
	want := parse()
	found := []uintptr{}
	for _, offset = range among {
		if Get() == want {
			found = append(found, offset)
		}
	}
	offset = 0
	return found
}

// parse parses the id in a stack trace: "goroutine 18 [running]: …".
func parse() int64 {
	var buf [64]byte
	return parseHeader(string(buf[:runtime.Stack(buf[:], false)]))
}

func parseHeader(stack string) int64 {
	s := strings.TrimPrefix(stack, "goroutine ")
	id, err := strconv.ParseInt(s[:max(0, strings.IndexByte(s, ' '))], 10, 64)
	if err != nil {
		panic("goid: cannot parse " + strconv.Quote(stack))
	}
	return id
}

// Alive returns the ids of all goroutines. It stops the world to read their stacks: it is for the rare case that a
// table with ids as keys has to drop those of goroutines that have ended.
func Alive() map[int64]bool {
	buf := make([]byte, 1<<16+1<<10*runtime.NumGoroutine())
	for {
		n := runtime.Stack(buf, true)
		if n < len(buf) {
			buf = buf[:n]
			break
		}
		buf = make([]byte, 2*len(buf))
	}
	alive := make(map[int64]bool)
	for stack := range strings.SplitSeq(string(buf), "\n\n") {
		alive[parseHeader(stack)] = true
	}
	return alive
}
