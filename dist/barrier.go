package dist

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

// A Barrier is a named meeting point for a fixed number of parties, in processes on any number of hosts: each waits until all have
// arrived, and then all go on. It is reusable, one generation after another, and any party can abort it. It is made by
// [Space.Barrier].
//
// A party that gives up breaks the barrier, and so does [Barrier.Abort]; then all waiters of the same generation fail with a
// [*sync2.BrokenError], and so does every later Wait until [Barrier.Reset]. If another process gave the cause, the error has its text,
// and matches context.Canceled, context.DeadlineExceeded, sync2.ErrAborted and sync2.ErrReset if the original did.
//
// A party that dies while it waits counts as arrived. If one dies before it arrives, the others wait for it: use
// WaitContext or WaitTimeout.
type Barrier struct {
	s       *Space
	name    string
	parties int
}

// A meeting is the stored state of a Barrier.
type meeting struct {
	Parties int
	Gen     uint64   // generations that have tripped or failed
	Arrived []string // in this one, in order
	Broken  *wireCause
	Failed  []failedGen // the latest, oldest first
}

type failedGen struct {
	Gen   uint64
	Cause wireCause
}

// keptFailures is the number of failed generations whose causes are kept.
const keptFailures = 64

// A wireCause is an error of another process.
type wireCause struct {
	Text    string
	Matches []string `json:",omitempty"`
}

// known has the errors that a cause from another process can match, by their texts.
var known = []error{context.Canceled, context.DeadlineExceeded, sync2.ErrAborted, sync2.ErrReset, ErrLost, ErrClosed}

// A RemoteError is an error from another process. It matches, with errors.Is, those errors of packages context, sync2 and dist
// that the original error matched there.
type RemoteError struct {
	Text    string
	matches []error
}

// Error returns the text of the original error.
func (e *RemoteError) Error() string { return e.Text }

// Unwrap returns the errors that it matches.
func (e *RemoteError) Unwrap() []error { return e.matches }

func toWire(err error) wireCause {
	w := wireCause{Text: err.Error()}
	for _, k := range known {
		if errors.Is(err, k) {
			w.Matches = append(w.Matches, k.Error())
		}
	}
	return w
}

func (w wireCause) error() error {
	e := &RemoteError{Text: w.Text}
	for _, k := range known {
		if !slices.Contains(w.Matches, k.Error()) {
			continue
		}
		if w.Text == k.Error() {
			return k
		}
		e.matches = append(e.matches, k)
	}
	return e
}

// Barrier returns the barrier with the given name, for the given number of parties. Each process has to give the same number:
// otherwise its verbs fail with [ErrMismatch]. It panics if parties is less than 1.
func (s *Space) Barrier(name string, parties int) *Barrier {
	if parties < 1 {
		misuse("Space.Barrier", "%d parties; must be at least 1", parties)
	}
	return &Barrier{s, name, parties}
}

func (b *Barrier) key(verb string) string {
	if b == nil || b.s == nil {
		misuse("Barrier."+verb, "not made by Space.Barrier")
	}
	return "barrier." + encodeName(b.name)
}

// check compares the number of parties.
func (b *Barrier) check(m *meeting) error {
	if m.Parties == 0 {
		m.Parties = b.parties
	}
	if m.Parties != b.parties {
		return fmt.Errorf("%w: the barrier is for %d parties, not %d", ErrMismatch, m.Parties, b.parties)
	}
	return nil
}

// Wait waits until all parties have arrived. It returns the caller's index in the order of arrival, from 0, which is unique within
// a generation. It returns -1 and a [*sync2.BrokenError] if the barrier is broken, or breaks while it waits, and -1 and another
// error if the engine refuses the request.
func (b *Barrier) Wait() (index int, err error) {
	return b.wait(context.Background(), b.key("Wait"))
}

// WaitContext is like [Barrier.Wait], but gives up when ctx ends, or at once if ctx has already ended. Giving up breaks the barrier,
// with the cause of ctx.
func (b *Barrier) WaitContext(ctx context.Context) (int, error) {
	key := b.key("WaitContext")
	checkContext(ctx, "Barrier.WaitContext")
	return b.wait(ctx, key)
}

// WaitTimeout is like [Barrier.Wait], but gives up after d. Giving up breaks the barrier, with context.DeadlineExceeded.
func (b *Barrier) WaitTimeout(d time.Duration) (int, error) {
	key := b.key("WaitTimeout")
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	return b.wait(ctx, key)
}

// wait arrives, and waits for the outcome of the generation.
func (b *Barrier) wait(ctx context.Context, key string) (int, error) {
	end, err := b.s.begin()
	if err != nil {
		return -1, err
	}
	defer end()
	id := newID()
	if ctx.Err() != nil {
		return b.giveUp(key, nil, ended(ctx))
	}
	inner, cancel := b.s.both(ctx)
	defer cancel()
	var gen uint64
	index := -1
	_, err = update(inner, b.s, key, func(m *meeting) (bool, error) {
		if err := b.check(m); err != nil {
			return false, err
		}
		if m.Broken != nil {
			return false, &sync2.BrokenError{Cause: m.Broken.error()}
		}
		gen, index = m.Gen, len(m.Arrived)
		m.Arrived = append(m.Arrived, id)
		if len(m.Arrived) == m.Parties { // it trips by this write
			m.Gen++
			m.Arrived = nil
		}
		return true, nil
	})
	arrived := err == nil
	if arrived && index < b.parties-1 {
		err = await(ctx, b.s, key, func(m meeting) (bool, error) { return m.outcome(gen) })
	}
	switch {
	case err == nil:
		return index, nil
	case ctx.Err() != nil && !isBroken(err):
		if !arrived {
			return b.giveUp(key, nil, ended(ctx))
		}
		if i, err := b.giveUp(key, &gen, ended(ctx)); err != nil {
			return i, err
		}
		return index, nil // it had tripped
	}
	return -1, err
}

// isBroken reports whether err says that a barrier is broken.
func isBroken(err error) bool {
	_, ok := errors.AsType[*sync2.BrokenError](err)
	return ok
}

// outcome reports whether generation gen has tripped, or returns why it failed.
func (m *meeting) outcome(gen uint64) (bool, error) {
	if m.Gen <= gen {
		return false, nil
	}
	for _, f := range m.Failed {
		if f.Gen == gen {
			return false, &sync2.BrokenError{Cause: f.Cause.error()}
		}
	}
	if len(m.Failed) == keptFailures && gen < m.Failed[0].Gen {
		return false, fmt.Errorf("%w: that generation of the barrier is too long ago", ErrUncertain)
	}
	return true, nil
}

// fail ends the current generation.
func (m *meeting) fail(cause wireCause) {
	m.Failed = append(m.Failed[max(0, len(m.Failed)-keptFailures+1):], failedGen{m.Gen, cause})
	m.Gen++
	m.Arrived = nil
}

// giveUp breaks the barrier for a party whose ctx has ended, and returns its error. If it had arrived in generation gen, and that has
// tripped, it returns nil; if that has already failed, the error says why.
func (b *Barrier) giveUp(key string, gen *uint64, cause error) (int, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(b.s.ctx), patience)
	defer cancel()
	var verdict error
	_, err := update(ctx, b.s, key, func(m *meeting) (bool, error) {
		if err := b.check(m); err != nil {
			return false, err
		}
		if gen != nil {
			if over, err := m.outcome(*gen); over || err != nil {
				verdict = err
				return false, nil //nolint:nilerr // the barrier's outcome, not the update's
			}
		}
		if m.Broken != nil {
			verdict = &sync2.BrokenError{Cause: m.Broken.error()}
			return false, nil
		}
		w := toWire(cause)
		m.Broken, verdict = &w, &sync2.BrokenError{Cause: cause}
		m.fail(w)
		return true, nil
	})
	if err != nil {
		return -1, errors.Join(&sync2.BrokenError{Cause: cause}, err)
	}
	return -1, verdict
}

// Abort breaks the barrier: all waiting parties fail, and so do later ones, until [Barrier.Reset]. A nil cause means
// [sync2.ErrAborted]. If the barrier is already broken, the first cause stands. Abort does not affect a generation
// that has tripped.
func (b *Barrier) Abort(cause error) error {
	key := b.key("Abort")
	if cause == nil {
		cause = sync2.ErrAborted
	}
	w := toWire(cause)
	return change(b.s, key, func(m *meeting) (bool, error) {
		if err := b.check(m); err != nil || m.Broken != nil {
			return false, err
		}
		m.Broken = &w
		m.fail(w)
		return true, nil
	})
}

// Reset empties the barrier and repairs it if it is broken. Current waiters fail with the cause [sync2.ErrReset].
func (b *Barrier) Reset() error {
	return change(b.s, b.key("Reset"), func(m *meeting) (bool, error) {
		if err := b.check(m); err != nil {
			return false, err
		}
		if len(m.Arrived) > 0 {
			m.fail(toWire(sync2.ErrReset))
		}
		m.Broken = nil
		return true, nil
	})
}

// Parties returns the number of parties.
func (b *Barrier) Parties() int { return b.parties }

// Waiting asks the engine for the number of parties that have arrived in the current generation. It is 0 if the barrier is broken.
func (b *Barrier) Waiting() (int, error) {
	m, err := stored[meeting](b.s, b.key("Waiting"))
	return len(m.Arrived), err
}

// Broken asks the engine, and reports whether the barrier is broken.
func (b *Barrier) Broken() (bool, error) {
	m, err := stored[meeting](b.s, b.key("Broken"))
	return m.Broken != nil, err
}

// String returns text such as "barrier phase: 3 parties".
func (b *Barrier) String() string { return fmt.Sprintf("barrier %s: %d parties", b.name, b.parties) }
