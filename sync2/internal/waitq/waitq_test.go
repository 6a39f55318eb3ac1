package waitq

import (
	"context"
	"errors"
	"slices"
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
		if err := q.Park(w, &lim, "test", front); err != nil {
			status = err.Error()
			q.Unlock()
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

func TestCrowd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q Queue
		var c Crowd
		gather := func(lim Limit) *string {
			status := "parked"
			go func() {
				q.Lock()
				if err := c.Gather(&q, &lim, "test"); err != nil {
					status = err.Error()
					q.Unlock()
					return
				}
				status = "released"
			}()
			synctest.Wait()
			return &status
		}
		release := func() {
			q.Lock()
			c.ReleaseAll(&q)
			q.Unlock()
			synctest.Wait()
		}
		waiting := func() int {
			q.Lock()
			defer q.Unlock()
			return c.Waiting()
		}
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
		q.Lock()
		c.Commit()
		q.Unlock()
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

func TestLimit(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errTest)
	for name, test := range map[string]struct {
		lim    Limit
		err    error
		ctxErr error
	}{
		"forever":     {Forever(), nil, nil},
		"ctx":         {Until(context.Background()), nil, nil},
		"ended ctx":   {Until(ctx), errTest, errTest},
		"time":        {Within(1), nil, nil},
		"no time":     {Within(0), context.DeadlineExceeded, nil},
		"time behind": {Within(-1), context.DeadlineExceeded, nil},
	} {
		if err := test.lim.Err(); !errors.Is(err, test.err) || (err == nil) != (test.err == nil) {
			t.Errorf("%s: Err = %v, want %v", name, err, test.err)
		}
		if err := test.lim.CtxErr(); !errors.Is(err, test.ctxErr) || (err == nil) != (test.ctxErr == nil) {
			t.Errorf("%s: CtxErr = %v, want %v", name, err, test.ctxErr)
		}
	}
}
