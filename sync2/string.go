package sync2

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// The String methods of the primitives: one line that begins with the kind and the name given by trace.Name. They
// neither wait nor read values that the program has put into the primitive.

// titled returns the title of an object of that kind, which is called name unless that is empty, and what words tell of it.
func titled(kind, name, words string) string {
	if strings.ContainsFunc(name, unicode.IsControl) { // one line
		name = strconv.Quote(name)
	}
	if name != "" {
		kind += " " + name
	}
	return kind + ": " + words
}

// tells returns the text for the object o, even if o is nil or was not made by a constructor.
func tells[P interface {
	comparable
	traced() *trace.Object
}](kind string, o P, constructor string, made func() bool, words func() string,
) string {
	var none P
	switch {
	case o == none:
		return kind + ": nil"
	case !made():
		return titled(kind, o.traced().GivenName(), "not made by "+constructor)
	}
	return titled(kind, o.traced().GivenName(), words())
}

// always is the made function of a type whose zero value is usable.
func always() bool { return true }

// waits returns text such as "3 wait".
func waits(n int) string { return strconv.Itoa(n) + " wait" } // without package fmt, which programs would have to link

// String returns text such as "event door: not set, 2 wait".
func (e *Event) String() string {
	return tells("event", e, "", always, func() string {
		if e.IsSet() {
			return "set, " + waits(e.Waiting())
		}
		return "not set, " + waits(e.Waiting())
	})
}

// String returns text such as "barrier start: 2 of 3 have arrived" or "barrier: broken".
func (b *Barrier) String() string {
	return tells("barrier", b, "NewBarrier", func() bool { return b.parties > 0 }, func() string {
		if b.Broken() {
			return "broken"
		}
		return fmt.Sprintf("%d of %d have arrived", b.Waiting(), b.parties)
	})
}

// String returns text such as "semaphore pool: 1 of 3, 2 wait", or, of one without a bound, "semaphore: 1, 2 wait": the
// number of available permits and of waiting goroutines.
func (s *Semaphore) String() string {
	return tells("semaphore", s, "NewSemaphore or NewBoundedSemaphore", func() bool { return s.limit.Load() > 0 }, func() string {
		free := strconv.Itoa(s.Available())
		if bound, bounded := s.bound(); bounded {
			free += fmt.Sprintf(" of %d", bound)
		}
		return free + ", " + waits(s.Waiting())
	})
}

// lockWords returns whether a lock is held, in words.
func lockWords(locked bool, waiting int) string {
	if locked {
		return "locked, " + waits(waiting)
	}
	return "unlocked, " + waits(waiting)
}

// String returns text such as "mutex accounts: locked, 2 wait".
func (m *Mutex) String() string {
	return tells("mutex", m, "", always, func() string { return lockWords(m.Locked(), m.Waiting()) })
}

// String returns text such as "reentrantlock room: held by ann, 1 wait".
func (l *ReentrantLock) String() string {
	return tells("reentrantlock", l, "", always, func() string {
		owner := l.Owner()
		if owner == 0 {
			return lockWords(false, l.Waiting())
		}
		name, _, known := goroutineName(owner)
		if !known {
			name = namelessGoroutine(owner)
		}
		return "held by " + name + ", " + waits(l.Waiting())
	})
}

// String returns text such as "rwmutex prices: 3 read, 1 wait" or "rwmutex: written, 0 wait".
func (m *RWMutex) String() string {
	return tells("rwmutex", m, "", always, func() string {
		switch readers := m.Readers(); {
		case readers > 0:
			return fmt.Sprintf("%d read, %s", readers, waits(m.Waiting()))
		case m.Locked():
			return "written, " + waits(m.Waiting())
		}
		return lockWords(false, m.Waiting())
	})
}

// String returns text such as "keyedmutex accounts: 3 keys".
func (m *KeyedMutex[K]) String() string {
	return tells("keyedmutex", m, "", always, func() string { return fmt.Sprintf("%d keys", m.Len()) })
}

// String returns text such as "waitgroup fetched: 3, 1 wait": the counter and the number of waiting goroutines.
func (g *WaitGroup) String() string {
	return tells("waitgroup", g, "", always, func() string { return fmt.Sprintf("%d, %s", g.Count(), waits(g.Waiting())) })
}

// String returns text such as "once set-up: running, 2 wait", "once: done" or "once: not done".
func (o *Once) String() string {
	return tells("once", o, "", always, func() string {
		o.q.Inspect("String")
		defer o.q.Unlock()
		switch {
		case o.isDone():
			return "done"
		case o.runner != 0:
			return "running, " + waits(o.q.Len())
		}
		return "not done"
	})
}

// String returns text such as "cond news: 2 wait".
func (c *Cond) String() string {
	return tells("cond", c, "NewCond", func() bool { return c.l != nil }, func() string { return waits(c.Waiting()) })
}

// String returns text such as "local user: set" or "local: not set", for the calling goroutine.
func (l *Local[T]) String() string {
	return tells("local", l, "", always, func() string {
		if l.values.find() == nil {
			return "not set"
		}
		return "set"
	})
}

// String returns text such as "goroutine ann: running" or "goroutine-7: ended".
func (g *Goroutine) String() string {
	switch {
	case g == nil:
		return "goroutine: nil"
	case !g.made:
		return "goroutine: not made by Go"
	}
	does := "running"
	if !g.Alive() {
		does = "ended"
	}
	switch id := g.id.Load(); {
	case !g.nameless:
		return titled("goroutine", g.name, does)
	case id == 0:
		return "goroutine: starting"
	default:
		return namelessGoroutine(id) + ": " + does
	}
}

// queueKinds are the names of the kinds of queues, by their order.
var queueKinds = [...]string{orderFirst: "queue", orderLast: "stack", orderRank: "priority queue"}

// String returns text such as "queue jobs: 3 of 10, 4 unfinished, 2 wait", or, of one without a capacity, "stack: 3, 4
// unfinished, 0 wait, closed".
func (q *Queue[T]) String() string {
	kind := "queue"
	if q != nil {
		kind = cmp.Or(queueKinds[q.buf.order], kind)
	}
	return tells(kind, q, "NewQueue, NewStack or NewPriorityQueue", func() bool { return q.buf.order != orderNone }, func() string {
		q.q.Inspect("String")
		defer q.q.Unlock()
		words := strconv.Itoa(q.buf.count)
		if q.capacity > 0 {
			words += fmt.Sprintf(" of %d", q.capacity)
		}
		words += fmt.Sprintf(", %d unfinished, %s", q.unfinished(), waits(q.putters.Len()+q.q.Len()))
		if q.closed {
			words += ", closed"
		}
		return words
	})
}

// String returns text such as "executor io: 4 of 4 run, 3 queue" or "executor: 0 of 4 run, 0 queue, shut down". An
// executor that was not named is shown with the name of its workers.
func (e *Executor) String() string {
	kind := "executor"
	if e != nil && e.prefix != "" && e.prefix != defaultPrefix && e.traced().GivenName() == "" {
		kind = strings.TrimSuffix(titled(kind, e.prefix, ""), ": ")
	}
	return tells(kind, e, "NewExecutor", func() bool { return e.made }, func() string {
		running, queued := e.Running(), e.Queued()
		e.q.Inspect("String")
		defer e.q.Unlock()
		words := fmt.Sprintf("%d of %d run, %d queue", running, e.limit, queued)
		if e.closed {
			words += ", shut down"
		}
		return words
	})
}

// String returns text such as "future page-7: running", with the name given by trace.Name.
func (f *Future[T]) String() string {
	return tells("future", f, "Submit or NewPromise", func() bool { return f.made }, func() string { return f.now().String() })
}

// String returns the string of the future, for the goroutines that wait.
func (f *future) String() string {
	return titled("future", f.traced().GivenName(), f.now().String())
}

// String returns text such as "WaitAll: 2 of 3 are settled".
func (g *group) String() string {
	g.q.Inspect("String")
	defer g.q.Unlock()
	return fmt.Sprintf("%s: %d of %d are settled", g.verb, g.settled(), g.size())
}

// String returns text such as "promise answer: pending".
func (p *Promise[T]) String() string {
	if p == nil {
		return "promise: nil"
	}
	return tells("promise", &p.f, "NewPromise", func() bool { return p.f.made }, func() string { return p.f.now().String() })
}

// String returns text such as "flight pages: 2 under way".
func (f *Flight[K, V]) String() string {
	return tells("flight", f, "", always, func() string { return fmt.Sprintf("%d under way", f.Len()) })
}

// String returns text such as "watch config: version 3, 1 wait".
func (w *Watch[T]) String() string {
	return tells("watch", w, "NewWatch", func() bool { return w.now.Load() != nil }, func() string {
		_, version := w.Get()
		return fmt.Sprintf("version %d, %s", version, waits(w.Waiting()))
	})
}

// String returns text such as "group fetch: 2 of 3 run, 1 wait", or, of one without a limit, "group: 2 run, 1 wait".
// Goroutines wait for a place or in Wait.
func (g *Group) String() string {
	return tells("group", g, "NewGroup", func() bool { return g.ctx != nil }, func() string {
		g.q.Inspect("String")
		defer g.q.Unlock()
		running := strconv.Itoa(g.running)
		if g.limit > 0 {
			running += fmt.Sprintf(" of %d", g.limit)
		}
		return running + " run, " + waits(g.q.Len()+g.waiting.Waiting())
	})
}
