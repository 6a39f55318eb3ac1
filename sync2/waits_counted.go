package sync2

import (
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// Many primitives only count their waiters: recording which they are would make each wait slower. But a waiting goroutine has the
// primitive's method on its stack, with the primitive as its receiver, and the runtime prints both. So only the callers of Waits
// pay for the names.

// mostNamed is the maximum number of waiters to identify, and mostStacks the maximum number of goroutines whose stacks are
// searched, because that stops the world.
const (
	mostNamed  = 10_000
	mostStacks = 100_000
)

// findCounted identifies, if it can, the waiters in all that are only counted. It names the waiters of an object, in the order of
// their ids, if it finds exactly as many as were counted.
func findCounted(all []Wait) {
	counted := make(map[uintptr][]int) // indices in all, by the object's address
	known := make(map[int64]bool)
	for i := range all {
		if all[i].Goroutine != 0 {
			known[all[i].Goroutine] = true
		} else if at := addressOf(all[i].Object); at != 0 {
			counted[at] = append(counted[at], i)
		}
	}
	if len(counted) == 0 || len(all) > mostNamed || runtime.NumGoroutine() > mostStacks {
		return
	}
	self := reflect.TypeFor[Wait]().PkgPath()
	r := &stackReader{counted, self + ".(*", self + "/internal/waitq."}
	found := make(map[uintptr][]int64)
	for stack := range strings.SplitSeq(string(stacksOfAll()), "\n\n") {
		id, at := r.waiterIn(stack)
		if at != 0 && !known[id] {
			found[at] = append(found[at], id)
		}
	}
	for at, places := range counted {
		ids := found[at]
		if len(ids) != len(places) {
			continue // some have come or gone meanwhile, or the stacks do not show them
		}
		slices.Sort(ids)
		for i, place := range places {
			all[place].Goroutine, all[place].Name = ids[i], nameOf(ids[i])
			if all[place].Position > 0 {
				all[place].last = len(ids)
			}
		}
	}
}

// addressOf returns the address of a primitive.
func addressOf(o any) uintptr {
	if v := reflect.ValueOf(o); v.Kind() == reflect.Pointer {
		return v.Pointer()
	}
	return 0
}

// stacksOfAll returns the stacks of all goroutines, as the runtime prints them.
func stacksOfAll() []byte {
	for size := 1 << 16; ; size *= 2 {
		b := make([]byte, size)
		if n := runtime.Stack(b, true); n < size || size >= 1<<25 {
			return b[:n]
		}
	}
}

// A stackReader searches stacks for goroutines that wait for one of the given objects.
type stackReader struct {
	objects map[uintptr][]int // by their addresses

	// Prefixes of the names of this package's methods, and of the methods that they call to wait. The latter take the queue, which is
	// the first field of a Queue: Queue is generic, and the runtime does not print the receivers of generic types.
	library, queues string
}

// inner is the prefix of the names of functions that are called to wait.
var inner = [...]string{"runtime.", "sync.", "internal/"}

// waiterIn returns the id of the goroutine with the given stack, and the object for which it waits: the receiver of the innermost
// method of this package, if it is one of the objects. Otherwise the object is 0.
func (r *stackReader) waiterIn(stack string) (id int64, at uintptr) {
	head, frames, _ := strings.Cut(stack, "\n")
	head, ok := strings.CutPrefix(head, "goroutine ")
	number, state, _ := strings.Cut(head, " [")
	if !ok || !strings.HasPrefix(state, "sync.Cond.Wait") && !strings.HasPrefix(state, "select") && !strings.HasPrefix(state, "chan receive") {
		return 0, 0
	}
	id, _ = strconv.ParseInt(number, 10, 64)
	for line := range strings.Lines(frames) {
		switch {
		case strings.HasPrefix(line, "\t"), slices.ContainsFunc(inner[:], func(p string) bool { return strings.HasPrefix(line, p) }):
		case strings.HasPrefix(line, r.library), strings.HasPrefix(line, r.queues):
			if at = r.objectIn(line); at != 0 {
				return id, at
			}
		default:
			return 0, 0
		}
	}
	return 0, 0
}

// objectIn returns the object that is the receiver or the first argument in a line of a stack, 0 if there is none.
func (r *stackReader) objectIn(line string) uintptr {
	args := strings.TrimRight(line[strings.LastIndexByte(line, '(')+1:], ")\n")
	for i, arg := range strings.SplitN(args, ", ", 3) {
		at, err := strconv.ParseUint(strings.TrimPrefix(strings.TrimSuffix(arg, "?"), "0x"), 16, 64)
		if _, is := r.objects[uintptr(at)]; is && err == nil && i < 2 {
			return uintptr(at)
		}
	}
	return 0
}
