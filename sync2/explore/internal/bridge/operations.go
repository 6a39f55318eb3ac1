//go:build turnstile_goroot

package bridge

import (
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// An operation is an operation that the runtime and packages sync and atomic report by number.
type operation struct {
	verb   string
	class  class
	access hook.Access
	free   func(p unsafe.Pointer) bool // reports whether it need not wait; nil: it never has to, or waits in another way
	ready  func(c *engine.Condition, alt int) bool

	durable bool // a task that waits in it can be released only by tasks of its bubble
}

// operations has the operations that the runtime knows, by number: see internal/goroot/files.
var operations = [128]operation{
	1:  {"Lock", classMutex, hook.AccessWrite, mutexFree, isMutexFree, false},
	2:  {"TryLock", classMutex, hook.AccessWrite, nil, nil, false},
	3:  {"Unlock", classMutex, hook.AccessRelease, nil, nil, false},
	4:  {"RLock", classRWMutex, hook.AccessWrite, readable, isReadable, false},
	5:  {"TryRLock", classRWMutex, hook.AccessWrite, nil, nil, false},
	6:  {"RUnlock", classRWMutex, hook.AccessWrite, nil, nil, false},
	7:  {"Lock", classRWMutex, hook.AccessWrite, mutexFree, isMutexFree, false}, // the one among writers comes first
	8:  {"TryLock", classRWMutex, hook.AccessWrite, nil, nil, false},
	9:  {"Unlock", classRWMutex, hook.AccessRelease, nil, nil, false},
	10: {"Add", classWaitGroup, hook.AccessWrite, nil, nil, false},
	11: {"Wait", classWaitGroup, hook.AccessWrite, nil, nil, false},
	12: {"Do", classOnce, hook.AccessWrite, onceFree, isOnceFree, false},
	13: {"Wait", classCond, hook.AccessWrite, nil, nil, false},
	14: {"Signal", classCond, hook.AccessWrite, nil, nil, false},
	15: {"Broadcast", classCond, hook.AccessWrite, nil, nil, false},

	20: {"Load", classAtomic, hook.AccessRead, nil, nil, false},
	21: {"Store", classAtomic, hook.AccessWrite, nil, nil, false},
	22: {"Swap", classAtomic, hook.AccessWrite, nil, nil, false},
	23: {"CompareAndSwap", classAtomic, hook.AccessWrite, nil, nil, false},
	24: {"Add", classAtomic, hook.AccessWrite, nil, nil, false},
	25: {"And", classAtomic, hook.AccessWrite, nil, nil, false},
	26: {"Or", classAtomic, hook.AccessWrite, nil, nil, false},

	30: {"Gosched", 0, hook.AccessWrite, nil, nil, false},
	31: {"send", classChan, hook.AccessWrite, nil, nil, false},
	32: {"receive", classChan, hook.AccessWrite, nil, nil, false},
	33: {"close", classChan, hook.AccessWrite, nil, nil, false},
	34: {"try send", classChan, hook.AccessWrite, nil, nil, false},
	35: {"try receive", classChan, hook.AccessWrite, nil, nil, false},
	36: {"await", classChan, hook.AccessRead, receivable, isReceivable, true},
	37: {"len", classChan, hook.AccessRead, nil, nil, false},

	40: {"Load", classMap, hook.AccessRead, nil, nil, false},
	41: {"Range", classMap, hook.AccessRead, nil, nil, false},
	42: {"Store", classMap, hook.AccessWrite, nil, nil, false},
	43: {"Clear", classMap, hook.AccessWrite, nil, nil, false},
	44: {"LoadOrStore", classMap, hook.AccessWrite, nil, nil, false},
	45: {"LoadAndDelete", classMap, hook.AccessWrite, nil, nil, false},
	46: {"Delete", classMap, hook.AccessWrite, nil, nil, false},
	47: {"Swap", classMap, hook.AccessWrite, nil, nil, false},
	48: {"CompareAndSwap", classMap, hook.AccessWrite, nil, nil, false},
	49: {"CompareAndDelete", classMap, hook.AccessWrite, nil, nil, false},
}

//go:norace
func receivable(c unsafe.Pointer) bool { return rtCan(c, false) }

//go:norace
func isReceivable(c *engine.Condition, _ int) bool { return rtCan(c.P, false) }

// The following code depends on the layout of the types of package sync.

// locked is the bit of a mutex's state that means locked.
const locked = 1

// mutexFree reports whether a sync.Mutex can be locked. A sync.RWMutex begins with the one that writers lock.
//
//go:norace
func mutexFree(p unsafe.Pointer) bool { return *(*int32)(p)&locked == 0 }

//go:norace
func isMutexFree(c *engine.Condition, _ int) bool { return *(*int32)(c.P)&locked == 0 }

// anRWMutex has the layout of a sync.RWMutex.
type anRWMutex struct {
	w           [2]uint32
	writerSem   uint32
	readerSem   uint32
	readerCount int32
	readerWait  int32
}

//go:norace
func readable(p unsafe.Pointer) bool { return (*anRWMutex)(p).readerCount >= 0 }

//go:norace
func isReadable(c *engine.Condition, _ int) bool { return (*anRWMutex)(c.P).readerCount >= 0 }

// aOnce has the layout of a sync.Once.
type aOnce struct {
	done  uint32
	state int32
	sema  uint32
}

//go:norace
func onceFree(p unsafe.Pointer) bool {
	o := (*aOnce)(p)
	return o.done != 0 || o.state&locked == 0
}

//go:norace
func isOnceFree(c *engine.Condition, _ int) bool { return onceFree(c.P) }
