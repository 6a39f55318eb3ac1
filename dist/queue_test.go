package dist

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"
)

type dish struct{ Name string }

func TestQueue(t *testing.T) {
	s := served(t)
	q := must[*Queue[dish]](t)(NewQueue[dish](s, "dishes: *"))
	other := must[*Queue[dish]](t)(NewQueue[dish](join(t, s), "dishes: *"))
	if _, err := q.TryGet(); !errors.Is(err, ErrBusy) {
		t.Errorf("TryGet of an empty queue: %v", err)
	}
	if _, err := q.GetTimeout(20 * time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("GetTimeout: %v", err)
	}
	got := make(chan *Item[dish], 1)
	go func() {
		item, err := other.Get()
		if err != nil {
			t.Error(err)
		}
		got <- item
	}()
	for _, name := range []string{"plate", "cup"} {
		if err := q.Put(dish{name}); err != nil {
			t.Fatal(err)
		}
	}
	item := <-got
	if item.Value.Name != "plate" || item.Deliveries() != 1 {
		t.Errorf("got %q, given out %d times", item.Value.Name, item.Deliveries())
	}
	second := must[*Item[dish]](t)(q.Get())
	if second.Value.Name != "cup" || second.ID() <= item.ID() {
		t.Errorf("got %q with the id %d after %d", second.Value.Name, second.ID(), item.ID())
	}
	if err := errors.Join(item.Extend(), item.Done()); err != nil {
		t.Error(err)
	}
	joined := make(chan error, 1)
	go func() { joined <- other.Join() }()
	if err := second.Retry(0); err != nil {
		t.Error(err)
	}
	again := must[*Item[dish]](t)(other.GetTimeout(time.Minute))
	if again.ID() != second.ID() || again.Deliveries() != 2 {
		t.Errorf("the id is %d, not %d, given out %d times", again.ID(), second.ID(), again.Deliveries())
	}
	if n := must[int](t)(q.Unfinished()); n != 1 {
		t.Errorf("%d unfinished", n)
	}
	if err := again.Done(); err != nil {
		t.Error(err)
	}
	if err := <-joined; err != nil {
		t.Error(err)
	}
	if _, err := NewQueue[dish](s, "dishes: *", Capacity(3)); !errors.Is(err, ErrMismatch) {
		t.Errorf("another capacity: %v", err)
	}
	if _, err := NewQueue[dish](s, "dishes: *", AckWithin(time.Second)); !errors.Is(err, ErrMismatch) {
		t.Errorf("another time: %v", err)
	}
}

// Put waits while the queue is full, until an item is done.
func TestQueueFull(t *testing.T) {
	s := served(t)
	q := must[*Queue[int]](t)(NewQueue[int](s, "q", Capacity(2)))
	for i := range 2 {
		if err := q.Put(i); err != nil {
			t.Fatal(err)
		}
	}
	if err := q.TryPut(2); !errors.Is(err, ErrBusy) {
		t.Errorf("TryPut of a full queue: %v", err)
	}
	if err := q.PutTimeout(20*time.Millisecond, 2); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrUncertain) {
		t.Errorf("PutTimeout of a full queue: %v", err)
	}
	put := make(chan error, 1)
	go func() { put <- q.Put(3) }()
	other := must[*Queue[int]](t)(NewQueue[int](join(t, s), "q", Capacity(2)))
	if err := must[*Item[int]](t)(other.Get()).Done(); err != nil {
		t.Fatal(err)
	}
	if err := <-put; err != nil {
		t.Error(err)
	}
	var got []int
	for range 2 {
		item := must[*Item[int]](t)(other.Get())
		got = append(got, item.Value)
		if err := item.Done(); err != nil {
			t.Error(err)
		}
	}
	if !slices.Equal(got, []int{1, 3}) {
		t.Errorf("got %v", got)
	}
}

// An item whose worker is silent is handed to another; an item handed out too often becomes a dead letter.
func TestQueueDeadLetters(t *testing.T) {
	s := served(t)
	opts := []QueueOption{AckWithin(200 * time.Millisecond), MaxDeliveries(2)}
	q := must[*Queue[string]](t)(NewQueue[string](s, "q", opts...))
	if err := q.Put("poison"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel()
		if err := q.Join(); err != nil {
			t.Error(err)
		}
	}()
	seen := 0
	for ; ; seen++ {
		if _, err := q.GetContext(ctx); errors.Is(err, context.Canceled) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if seen != 2 {
		t.Errorf("given out %d times", seen)
	}
	letters := must[[]*DeadLetter[string]](t)(q.DeadLetters(t.Context()))
	if len(letters) != 1 || letters[0].Value != "poison" || letters[0].Reason != "given out 2 times" {
		t.Fatalf("%d dead letters", len(letters))
	}
	if err := letters[0].Requeue(t.Context()); err != nil {
		t.Error(err)
	}
	if err := letters[0].Drop(t.Context()); err != nil {
		t.Error(err)
	}
	item := must[*Item[string]](t)(q.GetTimeout(time.Minute))
	if item.Value != "poison" || item.Deliveries() != 1 {
		t.Errorf("got %q, given out %d times", item.Value, item.Deliveries())
	}
	if letters := must[[]*DeadLetter[string]](t)(q.DeadLetters(t.Context())); len(letters) != 0 {
		t.Errorf("%d dead letters after one was put back", len(letters))
	}
	if err := item.Done(); err != nil {
		t.Error(err)
	}
}

// Several workers of several processes finish all items.
func TestQueueWorkers(t *testing.T) {
	s := served(t)
	const items = 60
	var wg sync.WaitGroup
	var mu sync.Mutex
	done := make(map[int]int)
	ctx, cancel := context.WithCancel(t.Context())
	for range 3 {
		q := must[*Queue[int]](t)(NewQueue[int](join(t, s), "q", Capacity(5)))
		wg.Go(func() {
			for {
				item, err := q.GetContext(ctx)
				if err != nil {
					return
				}
				mu.Lock()
				done[item.Value]++
				mu.Unlock()
				if err := item.Done(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	q := must[*Queue[int]](t)(NewQueue[int](s, "q", Capacity(5)))
	for i := range items {
		if err := q.Put(i); err != nil {
			t.Fatal(err)
		}
	}
	if err := q.Join(); err != nil {
		t.Error(err)
	}
	cancel()
	wg.Wait()
	if len(done) != items {
		t.Errorf("%d of %d were done", len(done), items)
	}
}
