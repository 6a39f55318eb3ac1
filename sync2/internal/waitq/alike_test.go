package waitq

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
)

// An alike is a queue that records which of its waiters were granted and which gave up.
type alike struct {
	q     Queue
	bed   SharedBed
	got   []string // in order
	asked []int64  // the amounts they asked for
	quit  []string
}

// wait starts a goroutine that waits for n with ctx.
func (s *alike) wait(name string, ctx context.Context, n int64) {
	go func() {
		lim := Until(ctx)
		s.q.Lock()
		granted := parkAlike(&s.q, &s.bed, n, &lim)
		s.q.Lock()
		defer s.q.Unlock()
		if granted {
			s.got = append(s.got, name)
		} else {
			s.quit = append(s.quit, fmt.Sprint(name, " ", lim.Cause()))
		}
	}()
	synctest.Wait()
}

// parkAlike waits for n in q, also if that leaves the rest to the caller. The mutex is held, and released when it returns.
func parkAlike(q *Queue, bed *SharedBed, n int64, lim *Limit) (granted bool) {
	if lim.Endless() {
		granted, _ = q.JoinAlike(bed, n, "test")
		return granted
	}
	p, granted, _ := q.ParkAlike(n, lim, "test")
	if p.Woken == nil {
		return granted
	}
	select {
	case _, granted = <-p.Woken:
		if !granted {
			lim.Refuse()
		}
		return granted
	case <-p.Ended:
		return q.QuitAlike(p.W, 0, lim)
	}
}

// grant grants the given number of the first in the queue at once.
func (s *alike) grant(times int) {
	var wakes WakeList
	s.q.Lock()
	for range times {
		s.asked = append(s.asked, s.q.Front().N)
		s.q.Grant(s.q.Front(), &wakes)
	}
	s.q.Unlock()
	wakes.Wake()
}

func (s *alike) check(t *testing.T, waiting int, got, quit string) {
	t.Helper()
	synctest.Wait()
	slices.Sort(s.quit) // in whatever order they come to run
	if s.q.Len() != waiting || fmt.Sprint(s.got) != got || fmt.Sprint(s.quit) != quit {
		t.Errorf("%d wait, granted %v, gave up %v; want %d, %s, %s", s.q.Len(), s.got, s.quit, waiting, got, quit)
	}
}

// Goroutines that wait with the same context are granted in order of arrival, also when mixed with others, and give up
// together.
func TestParkAlike(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s alike
		one, cancelOne := context.WithCancelCause(t.Context())
		two, cancelTwo := context.WithCancelCause(t.Context())
		for i := range 4 {
			s.wait(fmt.Sprint("a", i), one, 1)
		}
		s.wait("b0", two, 1)
		s.wait("c0", one, 2) // asks for more
		s.wait("c1", context.WithValue(one, &s, "of another context that ends with it"), 2)
		s.wait("d0", two, 2)
		if n := s.q.Front().more; n != 3 {
			t.Errorf("%d stand behind the first", n)
		}
		s.grant(1)
		s.check(t, 7, "[a0]", "[]")
		s.grant(1)
		s.check(t, 6, "[a0 a1]", "[]")
		cancelOne(errors.New("enough"))
		s.check(t, 2, "[a0 a1]", "[a2 enough a3 enough c0 enough c1 enough]")
		s.wait("d1", two, 1)
		s.quit = nil
		for range 3 {
			s.grant(1)
			synctest.Wait()
		}
		s.check(t, 0, "[a0 a1 b0 d0 d1]", "[]")
		if fmt.Sprint(s.asked) != "[1 1 1 2 1]" {
			t.Errorf("they asked for %v", s.asked)
		}
		s.wait("e0", two, 1)
		s.wait("e1", two, 1)
		cancelTwo(nil)
		s.check(t, 0, "[a0 a1 b0 d0 d1]", "[e0 context canceled e1 context canceled]")
	})
}

// Granting many waiters at once wakes each of them: the leader, the one woken to lead, and the sleepers.
func TestParkAlikeGrantedAtOnce(t *testing.T) {
	for n := range 5 {
		synctest.Test(t, func(t *testing.T) {
			var s alike
			ctx, cancel := context.WithCancel(t.Context())
			for i := range 5 {
				s.wait(fmt.Sprint(i), ctx, 1)
			}
			s.grant(n)
			cancel() // a waiter that was granted before keeps the grant
			synctest.Wait()
			if len(s.got) != n || len(s.quit) != 5-n || s.q.Len() != 0 {
				t.Errorf("of 5, of which %d were granted, %v got it, %v gave up, and %d wait", n, s.got, s.quit, s.q.Len())
			}
		})
	}
}

// Many goroutines arrive, are granted, and give up at the same time.
func TestParkAlikeHammer(t *testing.T) {
	var q Queue
	const workers, rounds = 8, 500
	done := make(chan int)
	for round := range rounds {
		ctx, cancel := context.WithCancel(t.Context())
		for range workers {
			go func() { done <- acquire(&q, ctx, 3) }()
		}
		grants := round % (2 * workers) // fewer than they want
		for range grants {
			for !grantAny(&q) {
				runtime.Gosched()
			}
		}
		cancel()
		got := 0
		for range workers {
			got += <-done
		}
		if q.Len() != 0 || q.Front() != nil || got != grants {
			t.Fatalf("round %d: %d wait, %d were granted, %d got it", round, q.Len(), grants, got)
		}
	}
}

// acquire waits the given number of times, and returns the number of times that it was granted.
func acquire(q *Queue, ctx context.Context, times int) (got int) {
	lim := Until(ctx)
	for range times {
		if lim.Canceled() {
			break
		}
		q.Lock()
		if parkAlike(q, nil, 1, &lim) {
			got++
		}
	}
	return got
}

// grantAny grants the first in the queue, and reports whether there was one.
func grantAny(q *Queue) bool {
	var wakes WakeList
	q.Lock()
	w := q.Front()
	if w != nil {
		q.Grant(w, &wakes)
	}
	q.Unlock()
	wakes.Wake()
	return w != nil
}
