// Pipeline squares numbers in stages, with several workers in the second, until it has enough.
package main

import (
	"context"
	"fmt"
	"sync"
)

func numbers(ctx context.Context) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		for i := 1; ; i++ {
			select {
			case out <- i:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

func square(ctx context.Context, in <-chan int, out chan<- int) {
	for n := range in {
		select {
		case out <- n * n:
		case <-ctx.Done():
			return
		}
	}
}

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	in := numbers(ctx)
	squares := make(chan int, 2)
	var workers sync.WaitGroup
	for range 3 {
		workers.Go(func() { square(ctx, in, squares) })
	}
	sum := 0
	for range 100 {
		sum += <-squares
	}
	cancel()
	workers.Wait()
	fmt.Println(sum > 0)
}
