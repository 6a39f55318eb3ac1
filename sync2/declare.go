package sync2

import "github.com/turnstile-go/turnstile/sync2/trace"

// A declarer is a primitive that is defined in a running trace when it gets a name, before it is used. A Goroutine is not one,
// because it is defined when it starts.
type declarer interface {
	traceable
	// declare defines the primitive in a running trace, if it was made by a constructor. It is not an operation.
	declare()
}

// declare declares v if it is a primitive that the running trace does not know.
func declare(v any) {
	if d, ok := v.(declarer); ok && d.traced().ID() == 0 {
		d.declare()
	}
}

func (b *Barrier) declare() {
	if b.parties < 1 {
		return
	}
	b.q.Lock()
	defer b.q.Unlock()
	b.define()
}

func (e *Event) declare() {
	e.q.Lock()
	defer e.q.Unlock()
	e.define()
}

func (s *Semaphore) declare() {
	s.q.Lock()
	defer s.q.Unlock()
	s.define()
}

func (m *Mutex) declare() { m.l.declare(trace.ClassMutex) }

func (l *ReentrantLock) declare() { l.l.declare(trace.ClassReentrantLock) }

func (l *lock) declare(class trace.Class) {
	l.lockQueue(class)
	l.q.Unlock()
}

func (m *RWMutex) declare() {
	m.q.Lock()
	defer m.q.Unlock()
	m.define()
}

// declare declares the lock first, because c belongs to it.
func (c *Cond) declare() {
	if c.l == nil {
		return
	}
	declare(c.l)
	c.q.Lock()
	defer c.q.Unlock()
	c.define()
}

func (q *Queue[T]) declare() {
	if q.buf.order == orderNone {
		return
	}
	q.q.Lock()
	defer q.q.Unlock()
	q.define()
}

func (e *Executor) declare() {
	if !e.made {
		return
	}
	e.q.Lock()
	defer e.q.Unlock()
	e.define()
}

// declare ignores a settled future, which a trace would forget at once.
func (f *future) declare() {
	f.q.Lock()
	defer f.unlock()
	if !f.now().settled() {
		f.define()
	}
}

func (g *Group) declare() {
	if g.ctx == nil {
		return
	}
	g.q.Lock()
	defer g.q.Unlock()
	g.define()
}

func (g *WaitGroup) declare() {
	g.q.Lock()
	defer g.unlock()
	g.define()
}

func (o *Once) declare() {
	o.lock()
	o.q.Unlock()
}

func (l *Local[T]) declare() {
	l.q.Lock()
	defer l.q.Unlock()
	l.q.Define(trace.ClassLocal, 0, nil)
}

func (w *Watch[T]) declare() {
	if w.now.Load() == nil {
		return
	}
	w.q.Lock()
	defer w.q.Unlock()
	w.define()
}

func (m *KeyedMutex[K]) declare() {
	m.q.Lock()
	defer m.q.Unlock()
	m.q.Define(trace.ClassKeyedMutex, 0, nil)
}

func (f *Flight[K, V]) declare() {
	f.q.Lock()
	defer f.q.Unlock()
	f.q.Define(trace.ClassFlight, 0, nil)
}
