// Package std measures what the patches of the standard library pass through.
package std

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func BenchmarkChannel(b *testing.B) {
	ping, pong := make(chan int), make(chan int)
	go func() {
		for v := range ping {
			pong <- v
		}
	}()
	for b.Loop() {
		ping <- 1
		<-pong
	}
	close(ping)
}

func BenchmarkBuffered(b *testing.B) {
	c := make(chan int, 1)
	for b.Loop() {
		c <- 1
		<-c
	}
}

func BenchmarkSelect(b *testing.B) {
	c, d := make(chan int, 1), make(chan int)
	for b.Loop() {
		select {
		case c <- 1:
		case <-d:
		}
		select {
		case <-c:
		case <-d:
		}
	}
}

func BenchmarkMutex(b *testing.B) {
	var mu sync.Mutex
	for b.Loop() {
		mu.Lock()
		mu.Unlock()
	}
}

func BenchmarkContended(b *testing.B) {
	var mu sync.Mutex
	n := 0
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			mu.Lock()
			n++
			mu.Unlock()
		}
	})
}

func BenchmarkRWMutex(b *testing.B) {
	var mu sync.RWMutex
	for b.Loop() {
		mu.RLock()
		mu.RUnlock()
		mu.Lock()
		mu.Unlock()
	}
}

func BenchmarkGo(b *testing.B) {
	var wg sync.WaitGroup
	for b.Loop() {
		wg.Add(1)
		go wg.Done()
		wg.Wait()
	}
}

func BenchmarkOnce(b *testing.B) {
	for b.Loop() {
		var once sync.Once
		once.Do(func() {})
		once.Do(func() {})
	}
}

func BenchmarkAtomic(b *testing.B) {
	var n atomic.Int64
	for b.Loop() {
		n.Add(1)
		n.Load()
	}
}

func BenchmarkPointer(b *testing.B) {
	var p atomic.Pointer[int]
	v := new(int)
	for b.Loop() {
		p.Store(v)
		p.Load()
	}
}

func BenchmarkValue(b *testing.B) {
	var v atomic.Value
	for b.Loop() {
		v.Store(b)
		v.Load()
	}
}

func BenchmarkPool(b *testing.B) {
	p := sync.Pool{New: func() any { return b }}
	for b.Loop() {
		p.Put(p.Get())
	}
}

func BenchmarkMap(b *testing.B) {
	var m sync.Map
	m.Store(1, 1)
	for b.Loop() {
		m.Load(1)
	}
}

func BenchmarkMapStore(b *testing.B) {
	var m sync.Map
	for b.Loop() {
		m.Store(1, 1)
	}
}

func BenchmarkContext(b *testing.B) {
	parent := b.Context()
	for b.Loop() {
		ctx, cancel := context.WithCancel(parent)
		cancel()
		<-ctx.Done()
	}
}

func BenchmarkNow(b *testing.B) {
	for b.Loop() {
		time.Now()
	}
}

func BenchmarkTimer(b *testing.B) {
	for b.Loop() {
		t := time.NewTimer(time.Hour)
		t.Stop()
	}
}
