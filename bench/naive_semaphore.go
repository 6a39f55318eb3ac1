package main

import "sync/atomic"

// chanPairs is a channel with a buffer, used as a semaphore.
//
//go:noinline
func chanPairs(size int) func(n int) {
	s := make(chan struct{}, size)
	return func(n int) {
		for range n {
			s <- struct{}{}
			<-s
		}
	}
}

// casPairs takes and gives back a permit as cheaply as that can be done at all: it cannot wait.
//
//go:noinline
func casPairs() func(n int) {
	permits := new(atomic.Int64)
	permits.Store(1)
	return func(n int) {
		for range n {
			for {
				if old := permits.Load(); old > 0 && permits.CompareAndSwap(old, old-1) {
					break
				}
			}
			for {
				if old := permits.Load(); permits.CompareAndSwap(old, old+1) {
					break
				}
			}
		}
	}
}
