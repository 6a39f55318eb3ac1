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

// A Mutex is a mutual exclusion lock shared by the processes of a program. It lives in the process that made it; other
// processes send their requests to that process. It is owned by a process, not by a goroutine: one goroutine may lock
// it and another of the same process unlock it.
//
// If a process dies while it holds the lock, the next waiter gets the lock, and its Lock returns an error that matches
// [ErrHolderDied]. It holds the lock nevertheless, and must unlock it; the error warns that the protected state may be
// inconsistent.
//
// The zero value for a Mutex is unlocked and ready to use in the process that made it; a pointer to it can be passed to
// workers in the argument of a function. [NewMutex] can give it a name. A Mutex must not be copied.
//
// In the terminology of the Go memory model, Unlock “synchronizes before” the return of the next Lock, insofar as the
// processes share memory.
type Mutex struct{ handle }

// NewMutex returns an unlocked mutex.
func NewMutex(opts ...SharedOption) *Mutex {
	m := new(Mutex)
	m.make("NewMutex", spec{class: classMutex}, opts)
	return m
}

// Lock locks m. If m is already locked, Lock waits until it is free. It returns nil, or an error that matches
// [ErrHolderDied] if the process of the previous holder died; m is locked in both cases.
func (m *Mutex) Lock() error {
	_, err := m.call(context.Background(), "Mutex.Lock", classMutex, request{verb: verbLock})
	return err
}

// LockContext is like [Mutex.Lock], but gives up when ctx ends, and then returns its cause without having locked m. m
// is locked if the error is nil or matches [ErrHolderDied].
func (m *Mutex) LockContext(ctx context.Context) error {
	_, err := m.callContext(ctx, "Mutex.LockContext", classMutex, request{verb: verbLock})
	return err
}

// LockTimeout is like [Mutex.Lock], but gives up after d, and then returns an error that matches
// context.DeadlineExceeded. If d is zero or negative, it does not wait.
func (m *Mutex) LockTimeout(d time.Duration) error {
	_, err := m.callTimeout(d, "Mutex.LockTimeout", classMutex, request{verb: verbLock})
	return err
}

// TryLock locks m if it is free, and reports whether it did. If the process of the previous holder died, the next Lock
// returns the error.
func (m *Mutex) TryLock() bool {
	return m.do("Mutex.TryLock", classMutex, request{verb: verbLock, try: true}).ok
}

// Unlock unlocks m. It panics if m is not locked, or is locked by another process.
func (m *Mutex) Unlock() { m.do("Mutex.Unlock", classMutex, request{verb: verbUnlock}) }

// Locked reports whether m is locked.
func (m *Mutex) Locked() bool { return m.do("Mutex.Locked", classMutex, request{verb: verbLocked}).ok }

// Waiting returns the number of goroutines waiting for m, in all processes.
func (m *Mutex) Waiting() int {
	return int(m.do("Mutex.Waiting", classMutex, request{verb: verbWaiting}).n)
}

// MarshalBinary implements encoding.BinaryMarshaler, so that m can be passed to another process.
func (m *Mutex) MarshalBinary() ([]byte, error) {
	m.target("Mutex.MarshalBinary", classMutex)
	return m.handle.MarshalBinary()
}

// MarshalText implements encoding.TextMarshaler, so that m can be passed to another process.
func (m *Mutex) MarshalText() ([]byte, error) {
	m.target("Mutex.MarshalText", classMutex)
	return m.handle.MarshalText()
}

// String returns text such as "mutex printer: locked by worker-1 (pid 4711), 2 wait".
func (m *Mutex) String() string { return m.describe(classMutex) }

// A mutexObject is a Mutex in the process that made it.
type mutexObject struct {
	m sync2.Mutex

	mu     sync.Mutex // guards what follows
	held   bool
	holder *child
	death  error // of a holder, if it has not been reported yet
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
	return granted(&o.death)
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

// holderName returns the name of a process that holds an object; nil stands for the process that has the object.
func holderName(c *child) string {
	if c == nil {
		return fmt.Sprintf("%s (pid %d)", current.name, current.pid)
	}
	return c.title()
}
