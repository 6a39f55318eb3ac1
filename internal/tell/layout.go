package tell

import (
	"errors"
	"unsafe"
)

// Variable is the environment variable with the directory of the files.
const Variable = "TURNSTILE_TELL"

// errElsewhere means that watching is not supported on this platform.
var errElsewhere = errors.New("programs can be watched this way only on Linux, on amd64 and arm64")

// The layout of a file; its twin is in the runtime.
const (
	magic   = 0x314c4c4554535254 // "TRSTELL1"
	version = 1
	slotsAt = 4096
)

// A header is the beginning of a file. Each group of fields has a cache line of its own.
type header struct {
	magic, size, names uint64
	_                  [5]uint64
	pid, version       uint32
	start, wall        int64
	ticks, later       int64
	laterAt            int64
	_                  [2]uint64
	head               uint64
	_                  [7]uint64
	tail               uint64
	_                  [7]uint64
	lost               uint64
	full               uint32
	_                  uint32
	_                  [6]uint64
	named              uint64
	_                  [7]uint64
}

// A slot is an event as written by the program.
type slot struct {
	commit uint64 // its number, from 1, once it is complete
	raw
}

// A raw is an event without its number.
type raw struct {
	time int64 // in ticks
	g    uint64
	obj  uint64
	peer uint64
	n    int64
	pc   uint64
	kind uint8
	what uint8 // the class of the object
	verb uint8
	_    uint8
	lost uint32
}

const slotSize = unsafe.Sizeof(slot{})

// A named describes a position in the program. The names of the file and the function follow.
type named struct {
	size         uint32
	line         uint32
	pc           uint64
	nfile, nfunc uint32
}

// Kinds of events.
const (
	spawned   = 1
	exited    = 2
	made      = 3
	putIn     = 4
	got       = 5
	handedTo  = 6
	tookFrom  = 7
	foundShut = 8
	closed    = 9
	oneCase   = 10
	blocked   = 11
	readied   = 12
	resumed   = 13
	acquired  = 14
	released  = 15
	tryFailed = 16
	added     = 17
	passed    = 18
	runs      = 19
	hasRun    = 20
	notified  = 21
	timerMade = 22
	timerStop = 23
	timerSet  = 24
	timerFire = 25
	clockIs   = 26
)

// Classes of objects.
const (
	ofChan = iota + 1
	ofNilChan
	ofSelect
	ofMutex
	ofRWMutex
	ofWaitGroup
	ofOnce
	ofCond
	ofClock
	ofNetwork
	ofTimer
	ofLibrary // the object is a position in the standard library
)

// atFront marks a verb whose waiter is the first in the queue.
const atFront = 1 << 7

// nobody is reported in place of a ticket if no goroutine waits for the notified Cond.
const nobody = -1

// verbs are the operations of goroutines, by their numbers.
var verbs = [...]string{
	1: "send", 2: "receive", 3: "select", 4: "Lock", 5: "RLock", 6: "Wait", 7: "Do", 8: "Sleep", 9: "Read", 10: "Write",
	11: "TryLock", 12: "TryRLock", 13: "Unlock", 14: "RUnlock", 15: "Signal", 16: "Broadcast",
}

func verb(n uint8) string {
	if n &^= atFront; int(n) < len(verbs) {
		return verbs[n]
	}
	return ""
}
