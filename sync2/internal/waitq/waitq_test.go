package waitq

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var errTest = errors.New("the test's own cause")

// park starts a goroutine that parks in q, and returns where it stands: "parked", "granted" or an error's text.
func park(q *Queue, lim Limit, front bool) (*Waiter, *string) {
	status := "parked"
	q.Lock()
	w := NewWaiter(&lim)
	q.Unlock()
	go func() {
		q.Lock()
		if !q.Park(w, &lim, "test", front) {
			status = lim.Cause().Error()
			return
		}
		status = "granted"
	}()
	synctest.Wait()
	return w, &status
}

// grantFront grants and wakes the first in the queue.
func grantFront(q *Queue) {
	var b Wakes
	q.Lock()
	q.Grant(q.Front(), &b)
	q.Unlock()
	b.Wake()
	synctest.Wait()
}

func TestQueueServesInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q Queue
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		var all []*string
		for _, lim := range []Limit{Forever(), Until(ctx), Within(time.Hour), Forever()} {
			_, s := park(&q, lim, false)
			all = append(all, s)
		}
		_, first := park(&q, Forever(), true)
		all = slices.Insert(all, 0, first)
		for i := range all {
			q.Lock()
			if q.Len() != len(all)-i {
				t.Errorf("Len = %d", q.Len())
			}
			q.Unlock()
			grantFront(&q)
			for j, s := range all {
				if (*s == "granted") != (j <= i) {
					t.Errorf("after %d grants number %d is %s", i+1, j, *s)
				}
			}
		}
	})
}

func TestQueueGivingUpLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q Queue
		ctx, cancel := context.WithCancelCause(context.Background())
		_, a := park(&q, Forever(), false)
		_, b := park(&q, Until(ctx), false)
		_, c := park(&q, Within(time.Second), false)
		_, d := park(&q, Forever(), false)
		cancel(errTest)
		synctest.Wait()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		q.Lock()
		if *b != errTest.Error() || *c != context.DeadlineExceeded.Error() || q.Len() != 2 {
			t.Errorf("%s, %s, Len %d", *b, *c, q.Len())
		}
		q.Unlock()
		grantFront(&q)
		grantFront(&q)
		if *a != "granted" || *d != "granted" || q.Front() != nil {
			t.Errorf("%s, %s", *a, *d)
		}
	})
}

// A grant between the end of the limit and the waiter's look at the queue wins.
func TestQueueGrantWins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q Queue
		ctx, cancel := context.WithCancel(context.Background())
		w, status := park(&q, Until(ctx), false)
		var b Wakes
		q.Lock()
		q.Grant(w, &b)
		cancel() // it runs now, but must wait for the mutex, and then for the wake
		q.Unlock()
		synctest.Wait()
		if *status != "parked" {
			t.Errorf("%s before the wake", *status)
		}
		b.Wake()
		synctest.Wait()
		if *status != "granted" {
			t.Errorf("%s", *status)
		}
	})
}

// A gathering is a Crowd with its Queue.
type gathering struct {
	q Queue
	c Crowd
}

// gather starts a goroutine that waits with lim, and returns what becomes of it.
func (g *gathering) gather(lim Limit) *string {
	status := "parked"
	go func() {
		g.q.Lock()
		if !g.c.Gather(&g.q, &lim, "test") {
			status = lim.Cause().Error()
			return
		}
		status = "released"
	}()
	synctest.Wait()
	return &status
}

func (g *gathering) release() {
	g.q.Lock()
	g.c.ReleaseAll(&g.q)
	g.q.Unlock()
	synctest.Wait()
}

func (g *gathering) commit() {
	g.q.Lock()
	g.c.Commit()
	g.q.Unlock()
}

func (g *gathering) waiting() int {
	g.q.Lock()
	defer g.q.Unlock()
	return g.c.Waiting()
}

func TestCrowd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g gathering
		gather, release, waiting := g.gather, g.release, g.waiting
		plain, timed, short := gather(Forever()), gather(Within(time.Hour)), gather(Within(time.Second))
		if waiting() != 3 {
			t.Errorf("Waiting = %d", waiting())
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if *short != context.DeadlineExceeded.Error() || waiting() != 2 {
			t.Errorf("%s, Waiting %d", *short, waiting())
		}
		release()
		if *plain != "released" || *timed != "released" || waiting() != 0 {
			t.Errorf("%s, %s, Waiting %d", *plain, *timed, waiting())
		}

		committed := gather(Within(time.Second))
		g.commit()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if *committed != "parked" {
			t.Errorf("one who is committed: %s", *committed)
		}
		release()
		if *committed != "released" {
			t.Errorf("one who is committed: %s", *committed)
		}
	})
}

// Of those who wait in a Crowd with the same context one watches it; that makes no difference to what they see.
func TestCrowdWithContexts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g gathering
		var is []*string
		check := func(waiting int, want string) {
			t.Helper()
			synctest.Wait()
			var all []string
			for _, s := range is {
				all = append(all, *s)
			}
			if got := strings.Join(all, ", "); got != want || g.waiting() != waiting {
				t.Errorf("%d wait, %s; want %d, %s", g.waiting(), got, waiting, want)
			}
			is = nil
		}
		for range 2 { // in one bubble the second time is as the first
			one, cancelOne := context.WithCancelCause(t.Context())
			two, cancelTwo := context.WithCancelCause(t.Context())
			for _, ctx := range []context.Context{one, one, two, one, two} {
				is = append(is, g.gather(Until(ctx)))
			}
			is = append(is, g.gather(Forever()))
			cancelOne(errors.New("enough"))
			check(3, "enough, enough, parked, enough, parked, parked")
			is = append(is, g.gather(Until(two)), g.gather(Until(two)))
			cancelTwo(errors.New("too"))
			check(1, "too, too")

			three, cancelThree := context.WithCancelCause(t.Context())
			is = append(is, g.gather(Until(three)), g.gather(Until(three)))
			g.release()
			check(0, "released, released")

			is = append(is, g.gather(Until(three)), g.gather(Until(three)))
			g.commit()
			cancelThree(nil)
			synctest.Wait()
			if *is[0] != "parked" || *is[1] != "parked" {
				t.Errorf("those who are committed: %s, %s", *is[0], *is[1])
			}
			g.release()
			check(0, "released, released")
		}
	})
}

func TestLimit(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	later, end := context.WithCancelCause(context.Background())
	endsLater := Until(later)
	cancel(errTest)
	end(errTest)
	for name, test := range map[string]struct {
		lim             Limit
		ended, canceled bool
		instant         bool
		cause           error
	}{
		"forever":     {lim: Forever()},
		"ctx":         {lim: Until(context.Background())},
		"ended ctx":   {Until(ctx), true, true, false, errTest},
		"ctx, ended":  {endsLater, false, true, false, errTest},
		"time":        {lim: Within(1)},
		"no time":     {Within(0), false, false, true, context.DeadlineExceeded},
		"time behind": {Within(-1), false, false, true, context.DeadlineExceeded},
	} {
		if l := test.lim; l.Ended() != test.ended || l.Canceled() != test.canceled || l.Instant() != test.instant {
			t.Errorf("%s: ended %v, canceled %v, instant %v", name, l.Ended(), l.Canceled(), l.Instant())
		}
		if test.cause != nil && !errors.Is(test.lim.Cause(), test.cause) {
			t.Errorf("%s: cause %v, want %v", name, test.lim.Cause(), test.cause)
		}
	}
}
