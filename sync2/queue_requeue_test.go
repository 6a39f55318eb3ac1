package sync2_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/turnstile-go/turnstile/sync2"
)

// queuesOf returns a queue of each kind.
func queuesOf(capacity int) map[string]*sync2.Queue[int] {
	return map[string]*sync2.Queue[int]{
		"Queue":         sync2.NewQueue[int](capacity),
		"Stack":         sync2.NewStack[int](capacity),
		"PriorityQueue": sync2.NewPriorityQueue(capacity, func(a, b int) int { return cmp.Compare(a/10, b/10) }),
	}
}

// An item that is put back comes to the end, in a stack to the top, and by rank behind its equals; past the capacity if need
// be. It stays unfinished, and its TaskDone is still one.
func TestRequeue(t *testing.T) {
	for kind, q := range queuesOf(2) {
		t.Run(kind, func(t *testing.T) {
			wantMisuse(t, "Queue.Requeue", func() { _ = q.Requeue(1) })
			_ = q.Put(21)
			wantMisuse(t, "Queue.Requeue", func() { _ = q.Requeue(1) })
			v, _ := q.Get()
			_ = q.Put(22)
			_ = q.Put(23)
			if err := q.Requeue(v); err != nil {
				t.Fatal(err)
			}
			if q.Len() != 3 || q.Unfinished() != 3 {
				t.Errorf("%d items, %d unfinished", q.Len(), q.Unfinished())
			}
			wantMisuse(t, "Queue.Requeue", func() { _ = q.Requeue(1) })
			var got []int
			for range 3 {
				v, _ := q.Get()
				got = append(got, v)
				q.TaskDone()
			}
			want := []int{22, 23, 21}
			if kind == "Stack" {
				want = []int{21, 23, 22}
			}
			if !slices.Equal(got, want) || q.Unfinished() != 0 {
				t.Errorf("got %v, want %v; %d unfinished", got, want, q.Unfinished())
			}
			q.Join()
			wantMisuse(t, "Queue.TaskDone", q.TaskDone)
		})
	}
}

// Put waits while the number of items is at or above the capacity.
func TestRequeuePastTheCapacity(t *testing.T) {
	for kind := range queuesOf(1) {
		synctest.Test(t, func(t *testing.T) {
			q := queuesOf(1)[kind]
			_ = q.Put(1)
			v, _ := q.Get()
			_ = q.Put(2)
			var put sync2.Event
			sync2.Go("puts", func() { _ = q.Put(3); put.Set() })
			synctest.Wait()
			_ = q.Requeue(v) // does not wait, though the queue is full and another waits
			for i, want := range []bool{false, true} {
				if _, err := q.Get(); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				if put.IsSet() != want {
					t.Errorf("%s, %d taken: put = %v", kind, i+1, put.IsSet())
				}
			}
		})
	}
}

// A goroutine that waits for an item gets a requeued one at once.
func TestRequeueHandsOver(t *testing.T) {
	for kind := range queuesOf(1) {
		synctest.Test(t, func(t *testing.T) {
			q := queuesOf(1)[kind]
			_ = q.Put(7)
			v, _ := q.Get()
			joined := sync2.Go("joins", q.Join)
			gets := sync2.Go("gets", func() {
				if v, err := q.Get(); v != 7 || err != nil {
					t.Error(v, err)
				}
			})
			synctest.Wait()
			_ = q.Requeue(v)
			gets.Join()
			synctest.Wait()
			if !joined.Alive() || q.Unfinished() != 1 {
				t.Errorf("%s: Join was released before TaskDone; %d unfinished", kind, q.Unfinished())
			}
			q.TaskDone()
			joined.Join()
		})
	}
}

// After Close or Discard the item stays unfinished until its TaskDone.
func TestRequeueClosed(t *testing.T) {
	for _, discard := range []bool{false, true} {
		for kind, q := range queuesOf(2) {
			_ = q.Put(1)
			_ = q.Put(2)
			v, _ := q.Get()
			if discard {
				q.Discard()
			} else {
				q.Close()
			}
			wantErr(t, q.Requeue(v), sync2.ErrClosed)
			q.TaskDone()
			if n := q.Unfinished(); n != q.Len() {
				t.Errorf("%s: %d unfinished", kind, n)
			}
			wantMisuse(t, "Queue.Requeue", func() { _ = q.Requeue(v) })
		}
	}
}

// In the body of a loop over All, a Requeue stands for the turn's TaskDone.
func TestRequeueInAll(t *testing.T) {
	for kind, q := range queuesOf(2) {
		tries := make(map[int]int)
		_ = q.Put(1)
		_ = q.Put(2)
		for v := range q.All() {
			if tries[v]++; tries[v] < 3 {
				if err := q.Requeue(v); err != nil {
					t.Fatal(err)
				}
				continue
			}
			if len(tries) == 2 && tries[1] == 3 && tries[2] == 3 {
				q.Close()
			}
		}
		q.Join()
		if q.Unfinished() != 0 {
			t.Errorf("%s: %d unfinished", kind, q.Unfinished())
		}
	}
	q := sync2.NewQueue[int](0)
	_ = q.Put(1)
	for v := range q.All() { // closed: the turn's TaskDone is called
		q.Close()
		wantErr(t, q.Requeue(v), sync2.ErrClosed)
	}
	if q.Unfinished() != 0 {
		t.Errorf("%d unfinished", q.Unfinished())
	}
}

// The trace of a Requeue is valid.
func TestRequeueIsValid(t *testing.T) {
	qs := queuesOf(3)
	validated(t, func(me, round int) {
		for _, q := range qs {
			if me%2 == 0 {
				_ = q.Put(round)
				continue
			}
			v, _ := q.Get()
			if round%3 == 0 {
				_ = q.Requeue(v)
				_, _ = q.Get()
			}
			q.TaskDone()
		}
	})
	for kind, q := range qs {
		if q.Unfinished() != 0 || q.Len() != 0 {
			t.Errorf("%s: %d unfinished, %d left", kind, q.Unfinished(), q.Len())
		}
	}
}

func ExampleQueue_Requeue() {
	q := sync2.NewQueue[string](1)
	_ = q.Put("flaky")
	tries := 0
	for job := range q.All() {
		if tries++; tries < 3 {
			_ = q.Requeue(job) // never waits, and stands for TaskDone
			continue
		}
		fmt.Println(job, "done at try", tries)
		q.Close()
	}
	// Output:
	// flaky done at try 3
}
