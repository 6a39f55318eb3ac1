package explore

import "github.com/turnstile-go/turnstile/sync2"

var standstillsOfRWMutex = []standstill{
	{"RWMutex, abandoned by a writer", func(e *E) {
		rw := named("rw", new(sync2.RWMutex))
		e.Go("ann", func() { rw.Lock() })
		e.Join()
		e.Go("ben", func() { rw.Lock() })
		e.Sleep(1)
		rw.RLock()
	}, "main waits in RLock rw; held by ann, which has ended / ben waits in Lock rw; held by ann, which has ended", ""},
	{"RWMutex, abandoned by one who tried", func(e *E) {
		rw := named("rw", new(sync2.RWMutex))
		e.Go("ann", func() { rw.TryLock() })
		e.Join()
		rw.Lock()
	}, "main waits in Lock rw; held by ann, which has ended", ""},
	{"RWMutex, abandoned by readers", func(e *E) {
		rw := named("rw", new(sync2.RWMutex))
		e.Go("ann", func() { rw.RLock(); rw.TryRLock() })
		e.Go("ben", func() { rw.RLock(); rw.RLock(); rw.RUnlock() })
		e.Go("cat", func() { rw.RLock(); rw.RUnlock() })
		e.Join()
		rw.Lock()
	}, "main waits in Lock rw; held for reading by ann and ben, which have ended", ""},
	{"RWMutex, and one of its readers has ended", func(e *E) {
		rw := named("rw", new(sync2.RWMutex))
		var ev sync2.Event
		e.Go("ann", func() { rw.RLock() })
		e.Join()
		e.Go("ben", func() { rw.RLock(); ev.Wait() })
		e.Sleep(1)
		rw.Lock()
	}, "main waits in Lock rw; held for reading by ann and ben, of which ann has ended / ben waits in Wait event-1; no goroutine has set it", ""},
	{"RWMutex, handed over and abandoned", func(e *E) {
		rw := named("rw", new(sync2.RWMutex))
		rw.Lock()
		e.Go("ann", func() { rw.RLock() })
		e.Go("ben", func() { rw.RLock(); rw.RUnlock(); rw.Lock() })
		e.Sleep(1)
		rw.Unlock()
		e.Sleep(1)
	}, "ben waits in Lock rw; held for reading by ann, which has ended", ""},
	{"RWMutex, handed over to a writer", func(e *E) {
		rw := named("rw", new(sync2.RWMutex))
		rw.RLock()
		e.Go("ann", func() { rw.Lock() })
		e.Sleep(1)
		rw.RUnlock()
		rw.Lock()
	}, "main waits in Lock rw; held by ann, which has ended", ""},
	{"RWMutex, unlocked by another reader", func(e *E) {
		rw := named("rw", new(sync2.RWMutex))
		rw.RLock()
		rw.RLock()
		e.Go("ann", func() { rw.RUnlock() })
		e.Join()
		rw.Lock()
	}, "main waits in Lock rw", ""},
	{"RWMutex, unlocked by another reader and free since", func(e *E) {
		rw := named("rw", new(sync2.RWMutex))
		rw.RLock()
		e.Go("ann", func() { rw.RUnlock() })
		e.Join()
		rw.RLock()
		rw.Lock()
	}, "main waits in Lock rw", "main holds rw for reading and waits for rw"},
	{"RWMutex, a reader behind a writer", func(e *E) {
		rw := named("rw", new(sync2.RWMutex))
		e.Go("ann", func() { rw.RLock() })
		e.Join()
		e.Go("ben", func() { rw.Lock() })
		e.Sleep(1)
		rw.RLock()
	}, "main waits in RLock rw; behind ben / ben waits in Lock rw; held for reading by ann, which has ended", ""},

	{"RWMutex, twice", func(e *E) {
		rw := named("rw", new(sync2.RWMutex))
		rw.Lock()
		rw.RLock()
	}, "main waits in RLock rw", "main holds rw and waits for rw for reading"},
	{"RWMutex, twice for reading", func(e *E) {
		rw := named("rw", new(sync2.RWMutex))
		rw.RLock()
		e.Go("ann", func() { rw.Lock() })
		e.Sleep(1)
		rw.RLock()
	}, "main waits in RLock rw / ann waits in Lock rw", "main holds rw for reading and waits for rw for reading; ann is ahead of it at rw and waits for rw"},
	{"RWMutexes", func(e *E) {
		a, b := named("a", new(sync2.RWMutex)), named("b", new(sync2.RWMutex))
		e.Go("ann", func() { a.Lock(); b.RLock(); b.RUnlock(); a.Unlock() })
		e.Go("ben", func() { b.Lock(); a.RLock(); a.RUnlock(); b.Unlock() })
		e.Join()
	}, "main waits in Join / ann waits in RLock b / ben waits in RLock a", "ann holds a and waits for b for reading; ben holds b and waits for a for reading"},
	{"RWMutex and Mutex, beside a reader that has ended and one that waits for something else", func(e *E) {
		rw := named("rw", new(sync2.RWMutex))
		var mu sync2.Mutex
		var ev sync2.Event
		e.Go("ann", func() { rw.RLock() })
		e.Go("ben", func() { rw.RLock(); ev.Wait() })
		e.Sleep(1)
		rw.RLock()
		e.Go("cat", func() { mu.Lock(); rw.Lock() })
		e.Sleep(1)
		mu.Lock()
	}, "main waits in Lock mutex-1 / ben waits in Wait event-1; no goroutine has set it / cat waits in Lock rw", "main holds rw for reading and waits for mutex-1; cat holds mutex-1 and waits for rw"},
}
