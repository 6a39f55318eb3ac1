package pipeline

import (
	"context"
	"sync"
	"testing"
)

// Three stages are joined by channels. The last one has seen enough after one number. The first would go on for ever, and
// wait for ever to hand over another: so that each send is a select that also listens to the context.
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

	// Nobody receives from here on. To drain the channel instead would not do: a select in which several cases can go on
	// chooses any of them, and might send for ever.
	cancel()
	stages.Wait()
}

func count(ctx context.Context, stages *sync.WaitGroup, numbers chan<- int) {
	defer stages.Done()
	defer close(numbers) // so that the stage behind it ends too
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
