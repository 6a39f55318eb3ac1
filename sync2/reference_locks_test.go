package sync2_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"

	"github.com/turnstile-go/turnstile/sync2"
)

// refSemaphore is a number, negative while more permits are held than the bound, and a list.
type refSemaphore struct {
	waitingRef
	permits, bound int
	queue          []*call
}

func (r *refSemaphore) begin(c *call) string {
	if e := r.early(c); e != "" {
		return e
	}
	switch c.verb {
	case "Release":
		r.permits += c.n
		return "ok"
	case "Resize":
		r.permits += c.n - r.bound
		r.bound = c.n
		return "ok"
	case "Drain":
		n := max(0, r.permits)
		r.permits -= n
		return fmt.Sprint(n)
	case "TryAcquire":
		if len(r.queue) == 0 && r.permits >= c.n {
			r.permits -= c.n
			return "ok"
		}
		return "no"
	}
	if refused := r.refused(c); refused != "" {
		return refused
	}
	if len(r.queue) == 0 && r.permits >= c.n {
		r.permits -= c.n
		return "ok"
	}
	if l := r.late(c); l != "" {
		return l
	}
	r.queue = append(r.queue, c)
	return ""
}

// refused is the result of a call that asks for more than there are; "" if it does not.
func (r *refSemaphore) refused(c *call) string {
	switch {
	case r.bound < 0 || c.n <= r.bound:
		return ""
	case isTimeoutVerb(c.verb):
		return "no"
	}
	return sync2.ErrTooMany.Error()
}

func (r *refSemaphore) released(c *call) string {
	if refused := r.refused(c); refused != "" {
		r.queue = slices.DeleteFunc(r.queue, func(x *call) bool { return x == c })
		return refused
	}
	if r.queue[0] != c || r.permits < c.n {
		return ""
	}
	r.permits -= c.n
	r.queue = r.queue[1:]
	return "ok"
}

func (r *refSemaphore) giveUp(c *call, why string) string {
	r.queue = slices.DeleteFunc(r.queue, func(x *call) bool { return x == c })
	return r.waitingRef.giveUp(c, why)
}

func (r *refSemaphore) state() string { return fmt.Sprint(max(0, r.permits), len(r.queue)) }

func TestSemaphoreAgainstReference(t *testing.T) {
	checkAgainstReference(t, func(rt *rapid.T) subject {
		permits := rapid.IntRange(0, 4).Draw(rt, "permits")
		s, ref := sync2.NewSemaphore(permits), &refSemaphore{permits: permits, bound: -1}
		if rapid.Bool().Draw(rt, "bounded") {
			s, ref.bound = sync2.NewBoundedSemaphore(permits), permits
		}
		ctx, cancel := context.WithCancel(context.Background())
		return subject{
			verbs: []string{"AcquireTimeout", "AcquireNContext", "AcquireN", "AcquireN forever", "TryAcquire", "Release", "Drain", "Resize"},
			draw:  func(rt *rapid.T) int { return rapid.IntRange(1, 5).Draw(rt, "n") },
			legal: func(c *call) bool {
				switch c.verb {
				case "AcquireTimeout":
					c.n = 1
				case "Resize":
					c.n-- // 0 too
					return ref.bound >= 0
				case "Release":
					return ref.bound < 0 || ref.permits+c.n <= ref.bound
				}
				return true
			},
			do: func(c *call) string {
				switch c.verb {
				case "AcquireTimeout":
					return yesNo(s.AcquireTimeout(c.d))
				case "AcquireNContext":
					return okOr(s.AcquireN(c.ctx, c.n))
				case "AcquireN": // several share a Waiter
					return okOr(s.AcquireN(ctx, c.n))
				case "AcquireN forever":
					return okOr(s.AcquireN(context.Background(), c.n))
				case "Resize":
					s.Resize(c.n)
					return "ok"
				case "TryAcquire":
					return yesNo(s.TryAcquireN(c.n))
				case "Release":
					s.ReleaseN(c.n)
					return "ok"
				}
				return fmt.Sprint(s.Drain())
			},
			state: func() string { return fmt.Sprint(s.Available(), s.Waiting()) },
			end: func() {
				cancel()
				synctest.Wait()
				if ref.bound >= 0 { // the remaining waiters have no limit
					s.Resize(0)
				} else {
					s.ReleaseN(5 * actors)
				}
			},
			ref: ref,
		}
	})
}

// refEvent is a flag. A call that waits when it is set returns, whatever happens to the flag afterwards.
type refEvent struct {
	waitingRef
	set     bool
	waiting []*call
	through []*call
}

func (r *refEvent) begin(c *call) string {
	switch c.verb {
	case "Set":
		r.set = true
		r.through, r.waiting = append(r.through, r.waiting...), nil
		return "ok"
	case "Clear":
		r.set = false
		return "ok"
	case "SetClear":
		r.through, r.waiting = append(r.through, r.waiting...), nil
		r.set = false
		return "ok"
	}
	if e := r.early(c); e != "" {
		return e
	}
	if r.set {
		return "ok"
	}
	if l := r.late(c); l != "" {
		return l
	}
	r.waiting = append(r.waiting, c)
	return ""
}

func (r *refEvent) released(c *call) string {
	if slices.Contains(r.through, c) {
		return "ok"
	}
	return ""
}

func (r *refEvent) giveUp(c *call, why string) string {
	r.waiting = slices.DeleteFunc(r.waiting, func(x *call) bool { return x == c })
	return r.waitingRef.giveUp(c, why)
}

func (r *refEvent) state() string { return fmt.Sprint(r.set, len(r.waiting)) }

func TestEventAgainstReference(t *testing.T) {
	checkAgainstReference(t, func(*rapid.T) subject {
		var e sync2.Event
		return subject{
			verbs: []string{"WaitTimeout", "WaitContext", "Set", "Clear", "SetClear"},
			draw:  func(*rapid.T) int { return 0 },
			do: func(c *call) string {
				switch c.verb {
				case "WaitTimeout":
					return yesNo(e.WaitTimeout(c.d))
				case "WaitContext":
					return okOr(e.WaitContext(c.ctx))
				case "Set":
					e.Set()
				case "Clear":
					e.Clear()
				case "SetClear":
					e.Set()
					e.Clear()
				}
				return "ok"
			},
			state: func() string { return fmt.Sprint(e.IsSet(), e.Waiting()) },
			ref:   &refEvent{},
		}
	})
}

// refBarrier is a list of the calls that have arrived.
type refBarrier struct {
	waitingRef
	parties int
	arrived []*call
	result  map[*call]string // of the calls that may return
	broken  string
}

func (r *refBarrier) breakUp(cause string) string {
	if r.broken == "" {
		r.broken = "-1 " + cause
		r.leave(func(int) string { return r.broken })
	}
	return r.broken
}

func (r *refBarrier) leave(result func(i int) string) {
	for i, c := range r.arrived {
		r.result[c] = result(i)
	}
	r.arrived = nil
}

func (r *refBarrier) begin(c *call) string {
	switch c.verb {
	case "Abort":
		r.breakUp(sync2.ErrAborted.Error())
		return "ok"
	case "Reset":
		r.broken = ""
		r.leave(func(int) string { return "-1 " + sync2.ErrReset.Error() })
		return "ok"
	}
	if r.broken != "" {
		return r.broken
	}
	if e := r.early(c); e != "" {
		return r.breakUp(e)
	}
	if len(r.arrived) == r.parties-1 {
		r.leave(func(i int) string { return fmt.Sprint(i) })
		return fmt.Sprint(r.parties - 1)
	}
	if r.late(c) != "" {
		return r.breakUp("context deadline exceeded")
	}
	r.arrived = append(r.arrived, c)
	return ""
}

func (r *refBarrier) released(c *call) string { return r.result[c] }

func (r *refBarrier) giveUp(c *call, why string) string {
	r.arrived = slices.DeleteFunc(r.arrived, func(x *call) bool { return x == c })
	if why == "timeout" {
		return r.breakUp("context deadline exceeded")
	}
	return r.breakUp(errTest.Error())
}

func (r *refBarrier) state() string { return fmt.Sprint(len(r.arrived), r.broken != "") }

func TestBarrierAgainstReference(t *testing.T) {
	checkAgainstReference(t, func(rt *rapid.T) subject {
		parties := rapid.IntRange(1, 4).Draw(rt, "parties")
		b := sync2.NewBarrier(parties)
		result := func(i int, err error) string {
			if broken, ok := errors.AsType[*sync2.BrokenError](err); ok {
				return fmt.Sprint(i, " ", broken.Cause)
			}
			return fmt.Sprint(i)
		}
		return subject{
			verbs: []string{"WaitTimeout", "WaitContext", "WaitContext", "WaitTimeout", "Abort", "Reset"},
			draw:  func(*rapid.T) int { return 0 },
			do: func(c *call) string {
				switch c.verb {
				case "WaitTimeout":
					return result(b.WaitTimeout(c.d))
				case "WaitContext":
					return result(b.WaitContext(c.ctx))
				case "Abort":
					b.Abort(nil)
				case "Reset":
					b.Reset()
				}
				return "ok"
			},
			state: func() string { return fmt.Sprint(b.Waiting(), b.Broken()) },
			ref:   &refBarrier{parties: parties, result: map[*call]string{}},
		}
	})
}

// refLock is an owner and a list. For a Mutex it counts no depth.
type refLock struct {
	waitingRef
	reentrant bool
	owner     int // -1: free
	depth     int
	queue     []*call
}

func (r *refLock) take(c *call) bool {
	if r.owner >= 0 && !(r.reentrant && r.owner == c.actor) {
		return false
	}
	r.owner = c.actor
	r.depth++
	return true
}

func (r *refLock) begin(c *call) string {
	if c.verb == "Unlock" {
		if r.depth--; r.depth == 0 {
			r.owner = -1
		}
		return "ok"
	}
	if e := r.early(c); e != "" {
		return e
	}
	if r.take(c) {
		return "ok"
	}
	if l := r.late(c); l != "" || c.verb == "TryLock" {
		return "no"
	}
	r.queue = append(r.queue, c)
	return ""
}

func (r *refLock) released(c *call) string {
	if r.queue[0] == c && r.take(c) {
		r.queue = r.queue[1:]
		return "ok"
	}
	return ""
}

func (r *refLock) giveUp(c *call, why string) string {
	r.queue = slices.DeleteFunc(r.queue, func(x *call) bool { return x == c })
	return r.waitingRef.giveUp(c, why)
}

func (r *refLock) state() string { return fmt.Sprint(r.owner >= 0, len(r.queue)) }

func lockSubject(l locker, ref *refLock) subject {
	return subject{
		verbs: []string{"LockTimeout", "LockContext", "TryLock", "Unlock", "Unlock"},
		draw:  func(*rapid.T) int { return 0 },
		legal: func(c *call) bool {
			return c.verb != "Unlock" || ref.owner == c.actor || !ref.reentrant && ref.owner >= 0
		},
		do: func(c *call) string {
			switch c.verb {
			case "LockTimeout":
				return yesNo(l.LockTimeout(c.d))
			case "LockContext":
				return okOr(l.LockContext(c.ctx))
			case "TryLock":
				return yesNo(l.TryLock())
			}
			l.Unlock()
			return "ok"
		},
		state: func() string { return strings.TrimSpace(fmt.Sprintln(l.Locked(), l.Waiting())) },
		ref:   ref,
	}
}

func TestMutexAgainstReference(t *testing.T) {
	checkAgainstReference(t, func(*rapid.T) subject { return lockSubject(new(sync2.Mutex), &refLock{owner: -1}) })
}

func TestReentrantLockAgainstReference(t *testing.T) {
	checkAgainstReference(t, func(*rapid.T) subject {
		return lockSubject(new(sync2.ReentrantLock), &refLock{owner: -1, reentrant: true})
	})
}
