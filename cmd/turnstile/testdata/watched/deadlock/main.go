// Deadlock has two accounts transfer to each other until they wait for each other.
package main

import (
	"sync"
	"time"
)

type account struct {
	mu      sync.Mutex
	balance int
}

func (a *account) transfer(to *account, n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	time.Sleep(10 * time.Millisecond) // so that each has its first lock before it wants its second
	to.mu.Lock()
	defer to.mu.Unlock()
	a.balance -= n
	to.balance += n
}

func main() {
	var ann, ben account
	var wg sync.WaitGroup
	wg.Go(func() { ann.transfer(&ben, 10) })
	wg.Go(func() { ben.transfer(&ann, 20) })
	wg.Wait()
}
