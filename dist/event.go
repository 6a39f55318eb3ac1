package dist

import (
	"context"
	"time"
)

// An Event is a named flag that processes on any number of hosts wait for. It is made by [Space.Event], and not set at first. It
// keeps its state even when every process has ended.
type Event struct {
	s    *Space
	name string
}

// A flag is the stored state of an Event.
type flag struct {
	On   bool
	Sets uint64 // number of Sets: a waiter that saw it rise was woken, even if the flag is cleared again
}

// Event returns the event with the given name, which can be any string. It does not ask the engine.
func (s *Space) Event(name string) *Event { return &Event{s, name} }

func (e *Event) key(verb string) string {
	if e == nil || e.s == nil {
		misuse("Event."+verb, "not made by Space.Event")
	}
	return "event." + encodeName(e.name)
}

// Set sets the flag and releases all waiters. If the flag is already set, Set writes nothing.
func (e *Event) Set() error {
	return change(e.s, e.key("Set"), func(f *flag) (bool, error) {
		if f.On {
			return false, nil
		}
		f.On = true
		f.Sets++
		return true, nil
	})
}

// Clear resets the flag; later waits block until the next Set.
func (e *Event) Clear() error {
	return change(e.s, e.key("Clear"), func(f *flag) (bool, error) {
		was := f.On
		f.On = false
		return was, nil
	})
}

// IsSet asks the engine, and reports whether the flag is set.
func (e *Event) IsSet() (bool, error) {
	f, err := stored[flag](e.s, e.key("IsSet"))
	return f.On, err
}

// Wait waits until the flag is set. A Wait in progress when the flag is set returns nil, even if the flag is cleared at once. Wait
// fails if the space is closed.
func (e *Event) Wait() error { return e.wait(context.Background(), e.key("Wait")) }

// WaitContext is like [Event.Wait], but gives up when ctx ends, and then returns an error that matches its cause and its Err.
func (e *Event) WaitContext(ctx context.Context) error {
	key := e.key("WaitContext")
	checkContext(ctx, "Event.WaitContext")
	return e.wait(ctx, key)
}

// WaitTimeout is like [Event.Wait], but gives up after d, and then returns an error that matches context.DeadlineExceeded. If d is
// zero or negative, it only asks the engine.
func (e *Event) WaitTimeout(d time.Duration) error {
	key := e.key("WaitTimeout")
	if d <= 0 {
		f, err := stored[flag](e.s, key)
		if err == nil && !f.On {
			err = context.DeadlineExceeded
		}
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	return e.wait(ctx, key)
}

func (e *Event) wait(ctx context.Context, key string) error {
	first, sets := true, uint64(0)
	return await(ctx, e.s, key, func(f flag) (bool, error) {
		if first {
			first, sets = false, f.Sets
		}
		return f.On || f.Sets > sets, nil
	})
}

// String returns text such as "event ready".
func (e *Event) String() string { return "event " + e.name }

// change makes an update for a verb that does not wait.
func change[S any](s *Space, key string, f func(*S) (bool, error)) error {
	ctx, end, err := s.ask()
	if err != nil {
		return err
	}
	defer end()
	_, err = update(ctx, s, key, f)
	return err
}
