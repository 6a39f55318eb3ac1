package waitq

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// Goroutines that share Waiters and goroutines with Waiters of their own are served in order of arrival.
func TestParkAlikeWithoutLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q Queue
		var bed SharedBed
		var got []string
		wait := func(name string, n int64, lim Limit) {
			go func() {
				q.Lock()
				if lim.Endless() {
					parkAlike(&q, &bed, n, &lim)
				} else {
					w := NewWaiter(&lim)
					w.N = n
					if !q.Park(w, &lim, "test", false) {
						name += " gave up"
					}
				}
				q.Lock()
				got = append(got, name)
				q.Unlock()
			}()
			synctest.Wait()
		}
		ctx, cancel := context.WithCancel(context.Background())
		for i, n := range []int64{1, 1, 2, 1} {
			wait(fmt.Sprint("a", i), n, Forever())
		}
		wait("b", 1, Until(ctx))
		wait("c", 1, Within(time.Hour))
		wait("d", 1, Forever())
		cancel()
		synctest.Wait()
		wait("e", 1, Until(context.Background())) // which never ends

		const want = "[b gave up a0 a1 a2 a3 c d e]"
		var asked []int64
		for q.Len() > 0 {
			if q.Len() != 7-len(asked) || q.Traced(q.Len()) != 0 {
				t.Errorf("after %d grants Len is %d", len(asked), q.Len())
			}
			asked = append(asked, q.Front().N)
			grantFront(&q)
		}
		if fmt.Sprint(got) != want || fmt.Sprint(asked) != "[1 1 2 1 1 1 1]" {
			t.Errorf("served %v, which asked for %v; want %s", got, asked, want)
		}
	})
}

// All that is granted at once wakes, whether it shares a Waiter or not.
func TestParkAlikeWithoutLimitWakesTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q Queue
		var bed SharedBed
		awake := 0
		for i := range 10 {
			go func() {
				q.Lock()
				if lim := Forever(); i%3 == 0 {
					q.Park(NewWaiter(&lim), &lim, "test", false)
				} else {
					parkAlike(&q, &bed, 1, &lim)
				}
				q.Lock()
				awake++
				q.Unlock()
			}()
			synctest.Wait()
		}
		var b WakeList
		q.Lock()
		for range 7 {
			q.Grant(q.Front(), &b)
		}
		q.Unlock()
		b.Wake()
		synctest.Wait()
		if awake != 7 || q.Len() != 3 {
			t.Errorf("%d are awake, %d wait", awake, q.Len())
		}
		for q.Len() > 0 {
			grantFront(&q)
		}
	})
}
