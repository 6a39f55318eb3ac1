package trace

import (
	"fmt"
	"slices"
	"strings"
)

// Mutexes, reentrant locks and RWMutexes.

// vLock is the known holder of a lock.
type vLock struct {
	owner   int64 // 0 if it is free or its owner is unknown
	depth   int64 // its depth; for an RWMutex, 1 if it is locked for writing
	readers int64 // the number of readers of an RWMutex
}

func (c lockCheck) define() string {
	c.o.lock.depth = c.ev.N
	return ""
}

func (c lockCheck) acquire() string {
	switch c.o.class {
	case ClassSemaphore:
		return semaphoreCheck(c).acquire()
	case ClassMutex, ClassReentrantLock:
		return c.lock()
	case ClassRWMutex:
		return rwMutexCheck(c).lock()
	default:
		return ""
	}
}

func (c lockCheck) release() string {
	switch {
	case c.o.class == ClassSemaphore:
		return semaphoreCheck(c).release()
	case c.o.class == ClassRWMutex:
		return rwMutexCheck(c).unlock()
	case slices.Contains(vLocks, c.o.class):
		return c.unlock()
	}
	return ""
}

// lock: no goroutine acquires a lock that another goroutine holds. The owner of a ReentrantLock goes one deeper; a new
// owner may return to any depth, from a Cond.
func (c lockCheck) lock() (wrong string) {
	l, n := &c.o.lock, c.ev.N
	switch {
	case n < 1 || n > 1 && c.o.class == ClassMutex:
		wrong = fmt.Sprintf("the depth is %d", n)
	case c.o.vague || l.depth == 0: // or may be
	case l.owner == 0 && c.o.class == ClassReentrantLock: // its unknown owner is now known
	case l.owner != c.g.id || c.o.class == ClassMutex:
		wrong = fmt.Sprintf("%s holds it", c.holder())
	case n != l.depth+1:
		wrong = fmt.Sprintf("the depth changes from %d to %d", l.depth, n)
	}
	l.owner, l.depth, c.o.vague = c.g.id, n, false
	return wrong
}

func (c lockCheck) unlock() (wrong string) {
	l, n := &c.o.lock, c.ev.N
	switch {
	case n < 0 || n > 0 && c.o.class == ClassMutex:
		wrong = fmt.Sprintf("the depth is %d", n)
	case c.o.vague:
	case l.depth == 0:
		wrong = "it is not held"
	case l.owner == 0 || c.o.class == ClassMutex:
	case l.owner != c.g.id:
		wrong = fmt.Sprintf("%s holds it", c.holder())
	case n != 0 && n != l.depth-1: // 0: a Cond releases all of it
		wrong = fmt.Sprintf("the depth changes from %d to %d", l.depth, n)
	}
	l.owner, l.depth, c.o.vague = c.g.id, n, false
	if n <= 0 {
		l.owner, l.depth = 0, 0
	}
	return wrong
}

// holder returns the name of the owner of the lock c.o.
func (c check) holder() string {
	if c.o.lock.owner == 0 {
		return "an unknown goroutine"
	}
	return c.gName(c.o.lock.owner)
}

func (c rwMutexCheck) define() string {
	if n := c.ev.N; n > 1 {
		c.o.lock.readers = n - 1
	} else {
		c.o.lock.depth = n
	}
	return ""
}

// isRead reports whether a verb of an RWMutex is for reading.
func isRead(verb string) bool { return strings.HasPrefix(verb, "R") || strings.HasPrefix(verb, "TryR") }

// lock: one writer or any number of readers.
func (c rwMutexCheck) lock() (wrong string) {
	l := &c.o.lock
	if c.ev.Text == "Downgrade" {
		if l.depth == 0 && !c.o.vague {
			wrong = "it is not held"
		}
		*l, c.o.vague = vLock{readers: 1}, false
		return wrong
	}
	read := isRead(c.ev.Text)
	switch {
	case c.o.vague:
	case l.depth > 0:
		wrong = c.holder() + " holds it"
	case !read && l.readers > 0:
		wrong = fmt.Sprintf("%d read it", l.readers)
	}
	if read {
		l.readers++
		return wrong
	}
	*l, c.o.vague = vLock{owner: c.g.id, depth: 1}, false
	return wrong
}

func (c rwMutexCheck) unlock() (wrong string) {
	l := &c.o.lock
	if isRead(c.ev.Text) {
		if l.readers == 0 && !c.o.vague {
			wrong = "it is not held for reading"
		}
		l.readers = max(0, l.readers-1)
		return wrong
	}
	if l.depth == 0 && !c.o.vague {
		wrong = "it is not held"
	}
	*l, c.o.vague = vLock{}, false
	return wrong
}
