// Resize resizes pictures with two workers.
package main

import (
	"fmt"
	"sync"
	"time"
)

func worker(jobs <-chan int, sizes chan<- int) {
	for n := range jobs {
		time.Sleep(20 * time.Millisecond) // the work
		sizes <- n * n
	}
}

func main() {
	jobs := make(chan int)
	sizes := make(chan int)
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() { worker(jobs, sizes) })
	}
	go func() {
		for n := range 4 {
			jobs <- n
		}
		close(jobs)
		workers.Wait()
		close(sizes)
	}()
	for size := range sizes {
		fmt.Println(size)
	}
}
