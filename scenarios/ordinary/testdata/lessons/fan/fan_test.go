package fan

import (
	"sync"
	"testing"
)

// Fan-out: several goroutines receive from one channel, and each number goes to one of them, whichever is free.
// Fan-in: they all send to one channel, from which one goroutine receives.
func TestFanOutFanIn(t *testing.T) {
	numbers, squares := make(chan int, 3), make(chan int)
	for n := 1; n <= 3; n++ {
		numbers <- n
	}
	close(numbers)

	var running sync.WaitGroup
	for range 2 {
		running.Add(1)
		go square(&running, numbers, squares)
	}

	// Squares may be closed only when nobody sends to it anymore. None of the senders knows that, so another goroutine
	// waits for all of them; not this one, since the senders wait for it to receive.
	go closeAfter(&running, squares)

	sum := 0
	for s := range squares {
		sum += s
	}
	if sum != 1+4+9 {
		t.Errorf("the sum of the squares is %d, want 14", sum)
	}
}

func square(running *sync.WaitGroup, numbers <-chan int, squares chan<- int) {
	defer running.Done()
	for n := range numbers {
		squares <- n * n
	}
}

func closeAfter(running *sync.WaitGroup, squares chan<- int) {
	running.Wait()
	close(squares)
}
