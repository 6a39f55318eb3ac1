package sync2_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/turnstile-go/turnstile/sync2"
)

// modelQueue is a list of values and a list of waiting calls.
type modelQueue struct {
	waitingRef
	capacity   int
	next       func(items []int) int // which of them is taken next
	items      []int                 // in order of arrival
	unfinished int
	closed     bool
	putters    []*call
	getters    []*call
	joiners    []*call
	free       map[*call]bool // joiners that saw the account settled
}

func (r *modelQueue) full() bool { return r.capacity > 0 && len(r.items) >= r.capacity }

func (r *modelQueue) put(v int) {
	r.items = append(r.items, v)
	r.unfinished++
}

func (r *modelQueue) get() string {
	i := r.next(r.items)
	v := r.items[i]
	r.items = slices.Delete(r.items, i, i+1)
	return fmt.Sprint("got ", v)
}

func (r *modelQueue) settle(n int) {
	r.unfinished = max(0, r.unfinished-n)
	if r.unfinished == 0 {
		for _, c := range r.joiners {
			r.free[c] = true
		}
		r.joiners = nil
	}
}

func (r *modelQueue) begin(c *call) string {
	if e := r.early(c); e != "" {
		return e
	}
	switch c.verb {
	case "PutTimeout", "PutContext":
		return r.beginPut(c)
	case "GetTimeout", "GetContext":
		return r.beginGet(c)
	case "JoinTimeout", "JoinContext":
		if r.unfinished == 0 {
			return "ok"
		}
		if l := r.late(c); l != "" {
			return l
		}
		r.joiners = append(r.joiners, c)
		return ""
	case "TaskDone":
		r.settle(1)
	case "Requeue":
		if r.closed {
			return sync2.ErrClosed.Error()
		}
		r.items = append(r.items, c.n)
	case "Close":
		r.closed = true
	case "Discard":
		r.closed = true
		n := len(r.items)
		r.items = nil
		if n > 0 {
			r.settle(n)
		}
		return fmt.Sprint(n)
	}
	return "ok"
}

func (r *modelQueue) beginPut(c *call) string {
	switch {
	case r.closed:
		return sync2.ErrClosed.Error()
	case len(r.putters) == 0 && !r.full():
		r.put(c.n)
		return "ok"
	case c.verb == "PutTimeout" && c.d <= 0:
		return context.DeadlineExceeded.Error()
	}
	r.putters = append(r.putters, c)
	return ""
}

func (r *modelQueue) beginGet(c *call) string {
	switch {
	case len(r.items) > 0:
		return r.get()
	case r.closed:
		return sync2.ErrClosed.Error()
	case c.verb == "GetTimeout" && c.d <= 0:
		return context.DeadlineExceeded.Error()
	}
	r.getters = append(r.getters, c)
	return ""
}

func (r *modelQueue) released(c *call) string {
	switch {
	case r.free[c]:
		return "ok"
	case slices.Contains(r.putters, c):
		if r.closed {
			r.leave(c)
			return sync2.ErrClosed.Error()
		}
		if r.putters[0] == c && !r.full() {
			r.leave(c)
			r.put(c.n)
			return "ok"
		}
	case slices.Contains(r.getters, c):
		if r.getters[0] == c && len(r.items) > 0 {
			r.leave(c)
			return r.get()
		}
		if r.closed && len(r.items) == 0 {
			r.leave(c)
			return sync2.ErrClosed.Error()
		}
	}
	return ""
}

func (r *modelQueue) leave(c *call) {
	gone := func(x *call) bool { return x == c }
	r.putters = slices.DeleteFunc(r.putters, gone)
	r.getters = slices.DeleteFunc(r.getters, gone)
	r.joiners = slices.DeleteFunc(r.joiners, gone)
}

func (r *modelQueue) giveUp(c *call, why string) string {
	r.leave(c)
	if why == "timeout" && c.verb != "JoinTimeout" {
		return context.DeadlineExceeded.Error()
	}
	return r.waitingRef.giveUp(c, why)
}

func (r *modelQueue) state() string {
	return fmt.Sprint(len(r.items), r.unfinished, len(r.putters), len(r.getters))
}

func TestQueueAgainstModel(t *testing.T) {
	checkAgainstReference(t, func(rt *rapid.T) subject {
		capacity := rapid.IntRange(0, 3).Draw(rt, "capacity")
		ref := &modelQueue{capacity: capacity, free: map[*call]bool{}}
		var q *sync2.Queue[int]
		switch rapid.IntRange(0, 2).Draw(rt, "order") {
		case 0:
			q, ref.next = sync2.NewQueue[int](capacity), func([]int) int { return 0 }
		case 1:
			q, ref.next = sync2.NewStack[int](capacity), func(items []int) int { return len(items) - 1 }
		case 2:
			// Only tens count, so that there are ties, which go by arrival.
			tens := func(a, b int) int { return a/10 - b/10 }
			q, ref.next = sync2.NewPriorityQueue(capacity, tens), func(items []int) int {
				return slices.Index(items, slices.MinFunc(items, tens))
			}
		}
		return subject{
			verbs: []string{"PutTimeout", "PutContext", "PutTimeout", "GetTimeout", "GetContext", "GetTimeout", "JoinTimeout", "JoinContext", "TaskDone", "Requeue", "Close", "Discard"},
			draw:  func(rt *rapid.T) int { return rapid.IntRange(0, 99).Draw(rt, "n") },
			legal: func(c *call) bool {
				switch c.verb {
				case "TaskDone":
					return ref.unfinished > 0
				case "Requeue":
					return ref.unfinished > len(ref.items)
				case "Close", "Discard":
					return c.n < 30
				}
				return true
			},
			do:    func(c *call) string { return doQueue(q, c) },
			state: func() string { p, g := q.Waiting(); return fmt.Sprint(q.Len(), q.Unfinished(), p, g) },
			ref:   ref,
		}
	})
}

func doQueue(q *sync2.Queue[int], c *call) string {
	got := func(v int, err error) string {
		if err != nil {
			return err.Error()
		}
		return fmt.Sprint("got ", v)
	}
	switch c.verb {
	case "PutTimeout":
		return okOr(q.PutTimeout(c.d, c.n))
	case "PutContext":
		return okOr(q.PutContext(c.ctx, c.n))
	case "GetTimeout":
		return got(q.GetTimeout(c.d))
	case "GetContext":
		return got(q.GetContext(c.ctx))
	case "JoinTimeout":
		return yesNo(q.JoinTimeout(c.d))
	case "JoinContext":
		return okOr(q.JoinContext(c.ctx))
	case "TaskDone":
		q.TaskDone()
	case "Requeue":
		return okOr(q.Requeue(c.n))
	case "Close":
		q.Close()
	case "Discard":
		return fmt.Sprint(q.Discard())
	}
	return "ok"
}

// refCond is a list of waiting calls in front of a refLock. In the test every wait takes the lock before and releases it
// afterwards, so that the comparison is of which waiters are notified, and in which order.
type refCond struct {
	waitingRef
	waiting  []*call
	notified map[*call]bool
}

func (r *refCond) begin(c *call) string {
	switch c.verb {
	case "Notify":
		for range min(c.n, len(r.waiting)) {
			r.notified[r.waiting[0]] = true
			r.waiting = r.waiting[1:]
		}
		return "ok"
	case "Broadcast":
		for _, w := range r.waiting {
			r.notified[w] = true
		}
		r.waiting = nil
		return "ok"
	}
	if e := r.early(c); e != "" {
		return e
	}
	if l := r.late(c); l != "" {
		return l
	}
	r.waiting = append(r.waiting, c)
	return ""
}

func (r *refCond) released(c *call) string {
	if r.notified[c] {
		return "ok"
	}
	return ""
}

func (r *refCond) giveUp(c *call, why string) string {
	r.waiting = slices.DeleteFunc(r.waiting, func(x *call) bool { return x == c })
	return r.waitingRef.giveUp(c, why)
}

func (r *refCond) state() string { return fmt.Sprint(len(r.waiting)) }

func TestCondAgainstReference(t *testing.T) {
	checkAgainstReference(t, func(*rapid.T) subject {
		var l sync2.ReentrantLock
		cond := sync2.NewCond(&l)
		locked := func(fn func() string) string {
			l.Lock()
			l.Lock()
			defer l.Unlock()
			defer l.Unlock()
			r := fn()
			if l.Depth() != 2 {
				return fmt.Sprint("depth ", l.Depth())
			}
			return r
		}
		return subject{
			verbs: []string{"WaitTimeout", "WaitContext", "WaitTimeout", "Notify", "Broadcast"},
			draw:  func(rt *rapid.T) int { return rapid.IntRange(0, 3).Draw(rt, "n") },
			do: func(c *call) string {
				return locked(func() string {
					switch c.verb {
					case "WaitTimeout":
						return yesNo(cond.WaitTimeout(c.d))
					case "WaitContext":
						return okOr(cond.WaitContext(c.ctx))
					case "Notify":
						cond.Notify(c.n)
					case "Broadcast":
						cond.Broadcast()
					}
					return "ok"
				})
			},
			state: func() string { return fmt.Sprint(cond.Waiting()) },
			ref:   &refCond{notified: map[*call]bool{}},
		}
	})
}

// refPromise is a result and a list of calls that wait for it.
type refPromise struct {
	waitingRef
	result string
}

func (r *refPromise) begin(c *call) string {
	switch c.verb {
	case "Succeed":
		return r.settle(fmt.Sprint("got ", c.n))
	case "Fail":
		return r.settle(errTest.Error())
	case "Cancel":
		if r.result == sync2.ErrCanceled.Error() {
			return "ok"
		}
		return r.settle(sync2.ErrCanceled.Error())
	}
	switch {
	case r.result != "": // a settled Future gives its result whatever the context
		return r.result
	case r.early(c) != "":
		return r.early(c)
	case r.late(c) != "":
		return context.DeadlineExceeded.Error()
	}
	return ""
}

func (r *refPromise) settle(result string) string {
	if r.result != "" {
		return "no"
	}
	r.result = result
	return "ok"
}

func (r *refPromise) released(*call) string { return r.result }

func (r *refPromise) giveUp(_ *call, why string) string {
	if why == "timeout" {
		return context.DeadlineExceeded.Error()
	}
	return errTest.Error()
}

func (r *refPromise) state() string { return fmt.Sprint(r.result != "") }

func TestPromiseAgainstReference(t *testing.T) {
	checkAgainstReference(t, func(*rapid.T) subject {
		p := sync2.NewPromise[int]()
		f := p.Future()
		result := func(v int, err error) string {
			switch {
			case errors.Is(err, sync2.ErrCanceled):
				return sync2.ErrCanceled.Error()
			case err != nil:
				return err.Error()
			}
			return fmt.Sprint("got ", v)
		}
		return subject{
			verbs: []string{"ResultTimeout", "ResultContext", "ResultTimeout", "ResultContext", "Succeed", "Fail", "Cancel"},
			draw:  func(rt *rapid.T) int { return rapid.IntRange(0, 99).Draw(rt, "n") },
			do: func(c *call) string {
				switch c.verb {
				case "ResultTimeout":
					return result(f.ResultTimeout(c.d))
				case "ResultContext":
					return result(f.ResultContext(c.ctx))
				case "Succeed":
					return yesNo(p.Succeed(c.n))
				case "Fail":
					return yesNo(p.Fail(errTest))
				}
				return yesNo(f.Cancel())
			},
			state: func() string { return fmt.Sprint(f.State() >= sync2.Succeeded) },
			ref:   &refPromise{},
		}
	})
}
