package sync2_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/turnstile-go/turnstile/sync2"
)

// A pipe is a Queue, or an alternative that it is compared with.
type pipe struct {
	put func(int)
	get func() int
}

func queuePipe(capacity int) pipe {
	q := sync2.NewQueue[int](capacity)
	return pipe{func(v int) { _ = q.Put(v) }, func() int { v, _ := q.Get(); return v }}
}

func chanPipe(capacity int) pipe {
	c := make(chan int, capacity)
	return pipe{func(v int) { c <- v }, func() int { return <-c }}
}

// hammerPipe moves loops items through p, with n goroutines on each side.
func hammerPipe(p pipe, n, loops int) {
	var wg sync.WaitGroup
	for i := range n {
		mine := loops / n
		if i == 0 {
			mine += loops % n
		}
		wg.Go(func() {
			for range mine {
				p.put(1)
			}
		})
		wg.Go(func() {
			for range mine {
				p.get()
			}
		})
	}
	wg.Wait()
}

func BenchmarkQueue(b *testing.B) {
	for _, size := range []struct{ capacity, n int }{{128, 1}, {128, 4}, {1, 1}, {1, 4}} {
		for name, p := range map[string]pipe{"chan": chanPipe(size.capacity), "queue": queuePipe(size.capacity)} {
			b.Run(fmt.Sprintf("cap%d/%dp%dc/%s", size.capacity, size.n, size.n, name), func(b *testing.B) {
				b.ReportAllocs()
				hammerPipe(p, size.n, b.N)
			})
		}
	}
}

func BenchmarkQueueUncontended(b *testing.B) {
	for name, p := range map[string]pipe{"chan": chanPipe(128), "queue": queuePipe(128)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.put(1)
				p.get()
			}
		})
	}
}
