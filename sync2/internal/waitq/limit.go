package waitq

import (
	"context"
	"time"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/internal/steps"
)

// A Limit says when a wait gives up. It must not be copied once a wait has used it.
type Limit struct {
	ctx   context.Context // nil: none
	d     time.Duration
	timed bool
	timer *time.Timer // made by the first wait; never pooled, since a timer belongs to its synctest bubble
}

// Forever returns the Limit that never ends.
func Forever() Limit { return Limit{} }

// Until returns the Limit that ends with ctx.
func Until(ctx context.Context) Limit {
	if hook.Watched() {
		hook.Uses(ctx)
	}
	return Limit{ctx: ctx}
}

// Within returns the Limit that ends d after the first Park.
func Within(d time.Duration) Limit { return Limit{d: d, timed: true} }

// Err returns why the Limit has ended already: the cause of its context, or for a duration of zero or less
// context.DeadlineExceeded. It returns nil if the Limit has not ended.
func (l *Limit) Err() error {
	switch {
	case l.ctx != nil:
		steps.Look(l.ctx)
		if l.ctx.Err() != nil {
			return context.Cause(l.ctx)
		}
	case l.timed && l.d <= 0:
		return context.DeadlineExceeded
	}
	return nil
}

// CtxErr returns the cause of the Limit's context if that has ended, and nil in all other cases.
func (l *Limit) CtxErr() error {
	if l.ctx == nil {
		return nil
	}
	steps.Look(l.ctx)
	if l.ctx.Err() != nil {
		return context.Cause(l.ctx)
	}
	return nil
}

// Timed reports whether the Limit is one of time.
func (l *Limit) Timed() bool { return l.timed }

// none reports whether the Limit never ends.
func (l *Limit) none() bool { return !l.timed && (l.ctx == nil || l.ctx.Done() == nil) }

// Plain reports whether a wait with the Limit needs neither a way out nor somebody who watches.
func (l *Limit) Plain() bool { return l.none() && !hook.Steered() }

// channels returns what tells that the Limit has ended; a nil channel never does.
func (l *Limit) channels() (<-chan struct{}, <-chan time.Time) {
	if l.ctx != nil {
		return l.ctx.Done(), nil
	}
	if l.timed {
		if l.timer == nil {
			l.timer = time.NewTimer(l.d)
		}
		return nil, l.timer.C
	}
	return nil, nil
}

// before waits for ch or for the end of the Limit, and reports whether it was ch. It is all that a goroutine adds to the
// stack on which it waits, and the frame of a select statement is large.
//
//go:noinline
func (l *Limit) before(ch <-chan struct{}) bool {
	ctx, timer := l.channels()
	select {
	case <-ch:
		return true
	case <-ctx:
	case <-timer:
	}
	return false
}

// expire notes that the time is over, for the waits that may follow: what its timer had to say has been heard.
func (l *Limit) expire() {
	if l.timed {
		l.d, l.timer = 0, nil
	}
}

// cause returns the error of a wait that this Limit has ended.
func (l *Limit) cause() error {
	if l.ctx != nil {
		return context.Cause(l.ctx)
	}
	return context.DeadlineExceeded
}
