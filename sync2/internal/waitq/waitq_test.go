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
	var b WakeList
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
		time.Sleep(2 * time.Second) // of the bubble: the limit of c is over
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
		var b WakeList
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

// A meeting is a NotifyList with its Queue.
type meeting struct {
	q Queue
	l NotifyList
}

// wait starts a goroutine that waits with lim, and returns what becomes of it.
func (m *meeting) wait(lim Limit) *string {
	status := "parked"
	go func() {
		m.q.Lock()
		if !m.l.Wait(&m.q, &lim, "test") {
			status = lim.Cause().Error()
			return
		}
		status = "notified"
	}()
	synctest.Wait()
	return &status
}

func (m *meeting) notify() {
	var wakes WakeList
	m.q.Lock()
	m.l.NotifyAll(&m.q, &wakes)
	m.q.Unlock()
	wakes.Wake()
	synctest.Wait()
}

func (m *meeting) commit() {
	m.q.Lock()
	m.l.Commit()
	m.q.Unlock()
}

func (m *meeting) waiting() int {
	m.q.Lock()
	defer m.q.Unlock()
	return m.l.Waiting()
}

func TestNotifyList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m meeting
		for range 2 {
			ctx, cancel := context.WithCancelCause(t.Context())
			plain, timed, short, bounded := m.wait(Forever()), m.wait(Within(time.Hour)), m.wait(Within(time.Second)), m.wait(Until(ctx))
			if m.waiting() != 4 {
				t.Errorf("Waiting = %d", m.waiting())
			}
			cancel(errTest)
			time.Sleep(2 * time.Second) // of the bubble: the limits are over
			synctest.Wait()
			if *short != context.DeadlineExceeded.Error() || *bounded != errTest.Error() || m.waiting() != 2 {
				t.Errorf("%s, %s, Waiting %d", *short, *bounded, m.waiting())
			}
			m.notify()
			if *plain != "notified" || *timed != "notified" || m.waiting() != 0 {
				t.Errorf("%s, %s, Waiting %d", *plain, *timed, m.waiting())
			}

			committed := m.wait(Within(time.Second))
			m.commit()
			time.Sleep(2 * time.Second) // of the bubble: the limit is over, and makes no difference
			synctest.Wait()
			if *committed != "parked" {
				t.Errorf("one that is committed: %s", *committed)
			}
			m.notify()
			if *committed != "notified" {
				t.Errorf("one that is committed: %s", *committed)
			}
		}
	})
}

// A goroutine that arrives between a NotifyAll and the wake belongs to the next generation, with and without a limit.
func TestNotifyListLateComers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m meeting
		early := []*string{m.wait(Forever()), m.wait(Within(time.Hour))}
		var wakes WakeList
		m.q.Lock()
		m.l.NotifyAll(&m.q, &wakes)
		m.q.Unlock()
		late := []*string{m.wait(Forever()), m.wait(Within(time.Hour))}
		wakes.Wake()
		synctest.Wait()
		for i := range early {
			if *early[i] != "notified" || *late[i] != "parked" || m.waiting() != 2 {
				t.Errorf("early %s, late %s, %d wait", *early[i], *late[i], m.waiting())
			}
		}
		m.notify()
		for i := range late {
			if *late[i] != "notified" {
				t.Errorf("late %s", *late[i])
			}
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
