package dist

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

func TestEvent(t *testing.T) {
	s := served(t)
	e, other := s.Event("ready"), join(t, s).Event("ready")
	if err := e.WaitTimeout(10 * time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("WaitTimeout: %v", err)
	}
	if err := e.WaitTimeout(0); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("WaitTimeout(0): %v", err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := other.Wait(); err != nil {
			t.Error(err)
		}
	})
	if err := e.Set(); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	if on := must[bool](t)(other.IsSet()); !on {
		t.Error("not set")
	}
	if err := errors.Join(other.Clear(), other.Clear()); err != nil {
		t.Fatal(err)
	}
	if on := must[bool](t)(e.IsSet()); on {
		t.Error("set after Clear")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := e.WaitContext(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("WaitContext: %v", err)
	}
}

// A waiter is released by Set even if the flag is cleared before the waiter looks at it.
func TestEventClearedAtOnce(t *testing.T) {
	s := open(t)
	e := s.Event("e")
	looked := make(chan struct{})
	got := make(chan error, 1)
	go func() {
		first, sets := true, uint64(0)
		got <- await(t.Context(), s, e.key("Wait"), func(f flag) (bool, error) {
			if first {
				first, sets = false, f.Sets
				close(looked)
			}
			return f.On || f.Sets > sets, nil
		})
	}()
	<-looked
	if err := errors.Join(e.Set(), e.Clear()); err != nil {
		t.Fatal(err)
	}
	if err := <-got; err != nil {
		t.Error(err)
	}
}

func TestWaitGroup(t *testing.T) {
	s := served(t)
	g, other := s.WaitGroup("pages"), join(t, s).WaitGroup("pages")
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
	if err := g.Add(2); err != nil {
		t.Fatal(err)
	}
	if err := g.WaitTimeout(0); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("WaitTimeout(0): %v", err)
	}
	got := make(chan error, 1)
	go func() { got <- g.Wait() }()
	if err := errors.Join(other.Done(), other.Done()); err != nil {
		t.Fatal(err)
	}
	if err := <-got; err != nil {
		t.Error(err)
	}
	var usage *sync2.UsageError
	if err := other.Done(); !errors.As(err, &usage) {
		t.Errorf("Done below zero: %v", err)
	}
	if n := must[int](t)(g.Count()); n != 0 {
		t.Errorf("a count of %d", n)
	}
}

// Many goroutines add at once, and nothing is counted twice or lost.
func TestWaitGroupCounts(t *testing.T) {
	s := served(t)
	var wg sync.WaitGroup
	for range 4 {
		g := join(t, s).WaitGroup("n")
		wg.Go(func() {
			for range 10 {
				if err := g.Add(1); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := must[int](t)(s.WaitGroup("n").Count()); n != 40 {
		t.Errorf("a count of %d", n)
	}
}

func TestBarrier(t *testing.T) {
	s := served(t)
	const parties, rounds = 3, 3
	var wg sync.WaitGroup
	var mu sync.Mutex
	places := make(map[int]int)
	for range parties {
		b := join(t, s).Barrier("phase", parties)
		wg.Go(func() {
			for range rounds {
				i, err := b.Wait()
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				places[i]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for i := range parties {
		if places[i] != rounds {
			t.Errorf("place %d was given %d times in %d rounds", i, places[i], rounds)
		}
	}
	if _, err := s.Barrier("phase", 2).Wait(); !errors.Is(err, ErrMismatch) {
		t.Errorf("another number of parties: %v", err)
	}
}

func TestBarrierBroken(t *testing.T) {
	s := served(t)
	b, other := s.Barrier("b", 2), join(t, s).Barrier("b", 2)
	got := make(chan error, 1)
	wait := func() {
		go func() {
			_, err := other.Wait()
			got <- err
		}()
		reach(t, s, func() bool { return must[int](t)(b.Waiting()) == 1 })
	}
	why := errors.New("why")
	wait()
	if err := errors.Join(b.Abort(why), b.Abort(nil)); err != nil {
		t.Fatal(err)
	}
	if err := <-got; !errors.Is(err, sync2.ErrBroken) || err.Error() != "sync2: broken: why" {
		t.Errorf("after Abort: %v", err)
	}
	if _, err := b.Wait(); !errors.Is(err, sync2.ErrBroken) {
		t.Errorf("of a broken barrier: %v", err)
	}
	if broken := must[bool](t)(b.Broken()); !broken {
		t.Error("not broken")
	}
	if err := b.Reset(); err != nil {
		t.Fatal(err)
	}
	wait()
	if err := b.Reset(); err != nil {
		t.Fatal(err)
	}
	if err := <-got; !errors.Is(err, sync2.ErrReset) {
		t.Errorf("after Reset: %v", err)
	}
	wait()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	if _, err := b.WaitContext(ctx); !errors.Is(err, sync2.ErrBroken) || !errors.Is(err, why) || !errors.Is(err, context.Canceled) {
		t.Errorf("giving up returned %v", err)
	}
	if err := <-got; !errors.Is(err, sync2.ErrBroken) || !errors.Is(err, context.Canceled) {
		t.Errorf("the other got %v", err)
	}
	if err := b.Reset(); err != nil {
		t.Fatal(err)
	}
	if i, err := b.WaitTimeout(20 * time.Millisecond); i != -1 || !errors.Is(err, sync2.ErrBroken) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("after a timeout: %d, %v", i, err)
	}
}
