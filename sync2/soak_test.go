package sync2_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/internal/soak"
	"github.com/turnstile-go/turnstile/sync2"
)

// Goroutines come and go that use everything there is, by turns, now and then with a context that has ended or a time that is too
// short.
func TestSoak(t *testing.T) {
	soak.Run(t, "uses of primitives", func(ctx context.Context, done func(int)) error {
		s := newSoaked()
		defer s.executor.Shutdown()
		const goroutines, each = 32, 200
		for ctx.Err() == nil {
			var wg sync.WaitGroup
			for i := range goroutines {
				wg.Go(func() {
					r := rand.New(rand.NewPCG(uint64(i), rand.Uint64()))
					for range each {
						s.use(ctx, r)
						done(1)
					}
				})
			}
			wg.Wait()
		}
		return nil
	})
}

// soaked has the primitives that TestSoak uses.
type soaked struct {
	mutex     sync2.Mutex
	rw        sync2.RWMutex
	reentrant sync2.ReentrantLock
	keyed     sync2.KeyedMutex[int]
	flight    sync2.Flight[int, int]
	event     sync2.Event
	semaphore *sync2.Semaphore
	queue     *sync2.Queue[int]
	executor  *sync2.Executor
}

func newSoaked() *soaked {
	return &soaked{semaphore: sync2.NewSemaphore(4), queue: sync2.NewQueue[int](8), executor: sync2.NewExecutor(4)}
}

var errSoaked = errors.New("aborted")

// use uses one of them.
func (s *soaked) use(ctx context.Context, r *rand.Rand) {
	short := time.Duration(r.IntN(50)) * time.Microsecond
	ended, stop := context.WithTimeout(ctx, short)
	defer stop()
	switch r.IntN(14) {
	case 0:
		s.mutex.Lock()
		s.mutex.Unlock()
	case 1:
		if s.mutex.LockTimeout(short) {
			s.mutex.Unlock()
		}
	case 2:
		s.rw.RLock()
		s.rw.RUnlock()
	case 3:
		if s.rw.LockContext(ended) == nil {
			s.rw.Unlock()
		}
	case 4:
		s.reentrant.Lock()
		s.reentrant.Lock()
		s.reentrant.Unlock()
		s.reentrant.Unlock()
	case 5:
		k := r.IntN(1000)
		if s.keyed.LockContext(ended, k) == nil {
			s.keyed.Unlock(k)
		}
	case 6:
		_, _, _ = s.flight.Do(ended, r.IntN(4), func(context.Context) (int, error) { return 1, nil })
	case 7:
		s.event.Set()
		s.event.Clear()
	case 8:
		s.event.WaitTimeout(short)
	case 9:
		if n := 1 + r.IntN(4); s.semaphore.AcquireN(ended, n) == nil {
			s.semaphore.ReleaseN(n)
		}
	case 10:
		_ = s.queue.PutTimeout(short, 1)
	case 11:
		_, _ = s.queue.GetTimeout(short)
	case 12:
		f := sync2.Submit(s.executor, func(context.Context) (int, error) { return 1, nil })
		_, _ = f.ResultContext(ended)
	case 13:
		b := sync2.NewBarrier(2)
		var wg sync2.WaitGroup
		wg.Go(func() { _, _ = b.WaitTimeout(short) })
		if r.IntN(2) == 0 {
			b.Abort(errSoaked)
		}
		_, _ = b.WaitTimeout(short)
		wg.Wait()
	}
}
