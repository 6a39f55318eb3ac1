package pipeline

import (
	"context"
	"sync"
	"testing"
)

// Three stages are joined by channels. The last one has seen enough after one number. The first would go on forever, or
// wait forever to hand over the next: so each send is a select that also watches the context.
func TestPipeline(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	numbers, doubles := make(chan int), make(chan int)
	var stages sync.WaitGroup
	stages.Add(2)
	go count(ctx, &stages, numbers)
	go double(ctx, &stages, numbers, doubles)

	if d := <-doubles; d != 2 {
		t.Errorf("the first is %d, want 2", d)
	}

	// Nobody receives from here on. Draining the channel instead would not do: a select in which several cases can
	// proceed chooses any of them, and might send forever.
	cancel()
	stages.Wait()
}

func count(ctx context.Context, stages *sync.WaitGroup, numbers chan<- int) {
	defer stages.Done()
	defer close(numbers) // so that the next stage ends too
	for n := 1; ; n++ {
		select {
		case numbers <- n:
		case <-ctx.Done():
			return
		}
	}
}

func double(ctx context.Context, stages *sync.WaitGroup, numbers <-chan int, doubles chan<- int) {
	defer stages.Done()
	for n := range numbers {
		select {
		case doubles <- 2 * n:
		case <-ctx.Done():
			return
		}
	}
}
