package sync2_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/turnstile-go/turnstile/sync2"
)

// refWaitGroup is a number. A call that waits when it reaches 0 returns, whatever happens to it afterwards.
type refWaitGroup struct {
	waitingRef
	count   int
	waiting []*call
	through []*call
}

func (r *refWaitGroup) begin(c *call) string {
	switch c.verb {
	case "Add":
		if r.count+c.n < 0 {
			return "misuse"
		}
		if r.count += c.n; r.count == 0 {
			r.through, r.waiting = append(r.through, r.waiting...), nil
		}
		return "ok"
	case "Done twice, Add":
		if r.count < 2 {
			return "misuse"
		}
		if r.count == 2 {
			r.through, r.waiting = append(r.through, r.waiting...), nil
		}
		r.count--
		return "ok"
	}
	if e := r.early(c); e != "" {
		return e
	}
	if r.count == 0 {
		return "ok"
	}
	if l := r.late(c); l != "" {
		return l
	}
	r.waiting = append(r.waiting, c)
	return ""
}

func (r *refWaitGroup) released(c *call) string {
	if slices.Contains(r.through, c) {
		return "ok"
	}
	return ""
}

func (r *refWaitGroup) giveUp(c *call, why string) string {
	r.waiting = slices.DeleteFunc(r.waiting, func(x *call) bool { return x == c })
	return r.waitingRef.giveUp(c, why)
}

func (r *refWaitGroup) state() string { return fmt.Sprint(r.count, len(r.waiting)) }

// orMisuse returns the result of do, or "misuse" if do panics with a UsageError.
func orMisuse(do func() string) (result string) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(*sync2.UsageError); !ok {
				panic(r)
			}
			result = "misuse"
		}
	}()
	return do()
}

func TestWaitGroupAgainstReference(t *testing.T) {
	checkAgainstReference(t, func(*rapid.T) subject {
		var g sync2.WaitGroup
		ref := new(refWaitGroup)
		return subject{
			verbs: []string{"WaitTimeout", "WaitContext", "Add", "Done twice, Add"},
			draw:  func(rt *rapid.T) int { return rapid.IntRange(-2, 2).Draw(rt, "n") },
			do: func(c *call) string {
				switch c.verb {
				case "WaitTimeout":
					return yesNo(g.WaitTimeout(c.d))
				case "WaitContext":
					return okOr(g.WaitContext(c.ctx))
				case "Add":
					return orMisuse(func() string { g.Add(c.n); return "ok" })
				}
				if g.Count() < 2 {
					return "misuse"
				}
				g.Done()
				g.Done()
				g.Add(1)
				return "ok"
			},
			state: func() string { return fmt.Sprint(g.Count(), g.Waiting()) },
			ref:   ref,
		}
	})
}

// refOnce is a flag, a list, and the call that runs its function, which waits in the middle for an instruction how to end.
type refOnce struct {
	waitingRef
	done   bool
	runner *call
	queue  []*call
	result map[*call]string // of those that can go on
}

func (r *refOnce) begin(c *call) string {
	switch {
	case c.verb == "succeed" || c.verb == "fail":
		if r.runner == nil {
			return "no"
		}
		r.end(c.verb)
		return "ok"
	case r.early(c) != "":
		return r.early(c)
	case r.done:
		return "ok"
	case r.runner == nil:
		r.runner = c
	default:
		r.queue = append(r.queue, c)
	}
	return ""
}

// end ends the running function.
func (r *refOnce) end(how string) {
	r.result[r.runner] = "it failed"
	if how == "succeed" || r.runner.verb == "Do" {
		r.result[r.runner] = "ok"
		for _, c := range r.queue {
			r.result[c] = "ok"
		}
		r.done, r.runner, r.queue = true, nil, nil
		return
	}
	if r.runner = nil; len(r.queue) > 0 {
		r.runner, r.queue = r.queue[0], r.queue[1:]
	}
}

func (r *refOnce) released(c *call) string { return r.result[c] }

// giveUp treats a running function whose caller gives up as one that fails.
func (r *refOnce) giveUp(c *call, why string) string {
	if r.runner == c {
		r.end("fail")
	}
	r.queue = slices.DeleteFunc(r.queue, func(x *call) bool { return x == c })
	return r.waitingRef.giveUp(c, why)
}

func (r *refOnce) state() string { return fmt.Sprint(r.done) }

func TestOnceAgainstReference(t *testing.T) {
	checkAgainstReference(t, func(*rapid.T) subject {
		var o sync2.Once
		ends := make(chan error)
		ref := &refOnce{result: make(map[*call]string)}
		return subject{
			verbs: []string{"Do", "DoContext", "DoContext", "succeed", "fail", "fail"},
			draw:  func(*rapid.T) int { return 0 },
			do: func(c *call) string {
				switch c.verb {
				case "succeed":
					return yesNo(told(ends, nil))
				case "fail":
					return yesNo(told(ends, errFailed))
				case "Do":
					o.Do(func() { <-ends })
					return "ok"
				}
				return okOr(o.DoContext(c.ctx, func(ctx context.Context) error {
					select {
					case err := <-ends:
						return err
					case <-ctx.Done():
						return context.Cause(ctx)
					}
				}))
			},
			state: func() string { return fmt.Sprint(o.Done()) },
			end:   func() { close(ends) },
			ref:   ref,
		}
	})
}

var errFailed = errors.New("it failed")

// told sends the running function, if there is one, how to end.
func told(ends chan<- error, err error) bool {
	select {
	case ends <- err:
		return true
	default:
		return false
	}
}

// refRWMutex has the goroutines that hold it, and a list.
type refRWMutex struct {
	waitingRef
	readers int
	written bool
	queue   []*call
}

func (r *refRWMutex) begin(c *call) string {
	switch c.verb {
	case "Unlock":
		if !r.written {
			return "misuse"
		}
		r.written = false
		return "ok"
	case "RUnlock":
		if r.readers == 0 {
			return "misuse"
		}
		r.readers--
		return "ok"
	case "Downgrade":
		if !r.written {
			return "misuse"
		}
		r.written, r.readers = false, 1
		return "ok"
	}
	if e := r.early(c); e != "" {
		return e
	}
	if len(r.queue) == 0 && r.letIn(c) {
		return "ok"
	}
	if strings.HasPrefix(c.verb, "Try") {
		return "no"
	}
	if l := r.late(c); l != "" {
		return l
	}
	r.queue = append(r.queue, c)
	return ""
}

func (r *refRWMutex) letIn(c *call) bool {
	switch read := strings.Contains(c.verb, "RLock"); {
	case r.written || !read && r.readers > 0:
		return false
	case read:
		r.readers++
	default:
		r.written = true
	}
	return true
}

func (r *refRWMutex) released(c *call) string {
	if r.queue[0] != c || !r.letIn(c) {
		return ""
	}
	r.queue = r.queue[1:]
	return "ok"
}

func (r *refRWMutex) giveUp(c *call, why string) string {
	r.queue = slices.DeleteFunc(r.queue, func(x *call) bool { return x == c })
	return r.waitingRef.giveUp(c, why)
}

func (r *refRWMutex) state() string { return fmt.Sprint(r.written, r.readers, len(r.queue)) }

func TestRWMutexAgainstReference(t *testing.T) {
	checkAgainstReference(t, func(*rapid.T) subject {
		var m sync2.RWMutex
		return subject{
			verbs: []string{
				"LockTimeout", "LockContext", "TryLock", "RLockTimeout", "RLockContext", "RLockContext", "TryRLock",
				"Unlock", "Unlock", "RUnlock", "RUnlock", "RUnlock", "Downgrade",
			},
			draw: func(*rapid.T) int { return 0 },
			do: func(c *call) string {
				switch c.verb {
				case "LockTimeout":
					return yesNo(m.LockTimeout(c.d))
				case "LockContext":
					return okOr(m.LockContext(c.ctx))
				case "TryLock":
					return yesNo(m.TryLock())
				case "RLockTimeout":
					return yesNo(m.RLockTimeout(c.d))
				case "RLockContext":
					return okOr(m.RLockContext(c.ctx))
				case "TryRLock":
					return yesNo(m.TryRLock())
				}
				do := map[string]func(){"Unlock": m.Unlock, "RUnlock": m.RUnlock, "Downgrade": m.Downgrade}[c.verb]
				return orMisuse(func() string { do(); return "ok" })
			},
			state: func() string { return fmt.Sprint(m.Locked(), m.Readers(), m.Waiting()) },
			ref:   new(refRWMutex),
		}
	})
}
