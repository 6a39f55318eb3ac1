package process

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Mutex is a mutual exclusion lock that the processes of a program share. The process that made it has it; the others
// ask that one. Each of its own goroutines counts for a process: one of them may unlock what another has locked.
//
// If a process dies that holds the lock, the next one in the queue gets it, and is told: its Lock returns an error that
// matches [ErrHolderDied]. It holds the lock all the same, and has to unlock it; it is told because what the lock
// protects may be half done.
//
// The zero value is not locked; so it can be used in the process that made it, and passed on to workers in their input, as
// a pointer. [NewMutex] can give it a name. A Mutex must not be copied.
//
// In the terminology of the Go memory model, Unlock “synchronizes before” the next Lock returns, so far as there is
// anything that both processes see.
type Mutex struct{ handle }

// NewMutex returns a mutex that is not locked.
func NewMutex(opts ...SharedOption) *Mutex {
	m := new(Mutex)
	m.make("NewMutex", spec{class: classMutex}, opts)
	return m
}

// Lock locks m, and waits if it is locked. It returns nil, or, with m locked too, an error that matches [ErrHolderDied] if
// the process died that held it before.
func (m *Mutex) Lock() error {
	_, err := m.call(context.Background(), "Mutex.Lock", classMutex, request{verb: verbLock})
	return err
}

// LockContext is like [Mutex.Lock], but gives up when ctx ends, and then returns its cause: m is not locked by the caller
// then. It is locked after nil and after an error that matches [ErrHolderDied].
func (m *Mutex) LockContext(ctx context.Context) error {
	_, err := m.callContext(ctx, "Mutex.LockContext", classMutex, request{verb: verbLock})
	return err
}

// LockTimeout is like [Mutex.Lock], but gives up after d, and then returns an error that matches context.DeadlineExceeded.
// If d is zero or less it does not wait.
func (m *Mutex) LockTimeout(d time.Duration) error {
	_, err := m.callTimeout(d, "Mutex.LockTimeout", classMutex, request{verb: verbLock})
	return err
}

// TryLock locks m if it is not locked, and reports whether it did. If the process died that held it before, the next Lock
// is told of it.
func (m *Mutex) TryLock() bool {
	return m.do("Mutex.TryLock", classMutex, request{verb: verbLock, try: true}).ok
}

// Unlock unlocks m. It panics if m is not locked, or is locked by another process.
func (m *Mutex) Unlock() { m.do("Mutex.Unlock", classMutex, request{verb: verbUnlock}) }

// Locked reports whether m is locked.
func (m *Mutex) Locked() bool { return m.do("Mutex.Locked", classMutex, request{verb: verbLocked}).ok }

// Waiting returns how many wait for m, in all processes.
func (m *Mutex) Waiting() int {
	return int(m.do("Mutex.Waiting", classMutex, request{verb: verbWaiting}).n)
}

// MarshalBinary implements encoding.BinaryMarshaler, so that m can travel to another process.
func (m *Mutex) MarshalBinary() ([]byte, error) {
	m.target("Mutex.MarshalBinary", classMutex)
	return m.handle.MarshalBinary()
}

// MarshalText implements encoding.TextMarshaler, so that m can travel to another process.
func (m *Mutex) MarshalText() ([]byte, error) {
	m.target("Mutex.MarshalText", classMutex)
	return m.handle.MarshalText()
}

// String returns text such as "mutex printer: locked by worker-1 (pid 4711), 2 wait".
func (m *Mutex) String() string { return m.describe(classMutex) }

// A mutexObject is a Mutex where it is.
type mutexObject struct {
	m sync2.Mutex

	mu     sync.Mutex // guards what follows
	held   bool
	holder *child
	death  error // of a holder, of which nobody has been told
}

func newMutexObject(s *spec) object {
	o := new(mutexObject)
	if name := cmp.Or(s.title, s.name); name != "" {
		trace.Name(hook.ObjectOf(&o.m), name)
	}
	return o
}

func (o *mutexObject) do(ctx context.Context, who *child, r request) (reply, error) {
	switch r.verb {
	case verbLock:
		return o.lock(ctx, who, r.try)
	case verbUnlock:
		return reply{}, o.unlock(who)
	case verbLocked:
		return reply{ok: o.m.Locked()}, nil
	default:
		return reply{n: int64(o.m.Waiting())}, nil
	}
}

func (o *mutexObject) lock(ctx context.Context, who *child, try bool) (reply, error) {
	if try {
		ok := o.m.TryLock()
		if ok {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.held, o.holder = true, who
		}
		return reply{ok: ok}, nil
	}
	if err := o.m.LockContext(ctx); err != nil {
		return reply{}, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.held, o.holder = true, who
	if death := o.death; death != nil {
		o.death = nil
		return reply{ok: true}, &heldError{death}
	}
	return reply{ok: true}, nil
}

func (o *mutexObject) unlock(who *child) error {
	o.mu.Lock()
	if !o.held {
		o.mu.Unlock()
		return &sync2.UsageError{Op: "process.Mutex.Unlock", Reason: "not locked"}
	}
	if o.holder != who {
		defer o.mu.Unlock()
		return &sync2.UsageError{Op: "process.Mutex.Unlock", Reason: "locked by " + holderName(o.holder)}
	}
	o.held, o.holder = false, nil
	o.mu.Unlock()
	o.m.Unlock()
	return nil
}

func (o *mutexObject) abandon(who *child, death error) {
	o.mu.Lock()
	mine := o.held && o.holder == who
	if mine {
		o.held, o.holder, o.death = false, nil, death
	}
	o.mu.Unlock()
	if mine {
		o.m.Unlock()
	}
}

func (o *mutexObject) String() string {
	o.mu.Lock()
	held, holder := o.held, o.holder
	o.mu.Unlock()
	if !held {
		return "not locked"
	}
	return fmt.Sprintf("locked by %s, %d wait", holderName(holder), o.m.Waiting())
}

// holderName returns what a process is called that holds something; nil is the one that has it.
func holderName(c *child) string {
	if c == nil {
		return fmt.Sprintf("%s (pid %d)", current.name, current.pid)
	}
	return c.title()
}
