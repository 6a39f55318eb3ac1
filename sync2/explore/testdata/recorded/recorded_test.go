package recorded

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

type bank struct {
	mu     sync.Mutex
	events chan string
}

func (b *bank) transfer() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events <- "transfer"
}

func (b *bank) log() {
	for range b.events {
		b.mu.Lock()
		b.mu.Unlock()
	}
}

func TestLockAndChannel(t *testing.T) {
	b := &bank{events: make(chan string)}
	var wg sync.WaitGroup
	wg.Add(2)
	go b.log()
	for range 2 {
		go func() {
			defer wg.Done()
			b.transfer()
		}()
	}
	wg.Wait()
	close(b.events)
}

type pool struct {
	jobs, results chan int
	quit          chan struct{}
	hits          atomic.Int64
}

func (p *pool) worker() {
	for {
		select {
		case j := <-p.jobs:
			p.hits.Add(1)
			p.results <- j * j
		case <-p.quit:
			return
		}
	}
}

func (p *pool) first() int {
	select {
	case r := <-p.results:
		return r
	case <-time.After(50 * time.Millisecond):
		return 0
	}
}

func TestSelect(t *testing.T) {
	p := &pool{jobs: make(chan int, 2), results: make(chan int), quit: make(chan struct{})}
	go p.worker()
	go p.worker()
	p.jobs <- 3
	p.jobs <- 4
	p.first()
	p.quit <- struct{}{}
	p.quit <- struct{}{}
}

func TestClosedTwice(t *testing.T) {
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			select {
			case <-stop:
			default:
				close(stop)
			}
		})
	}
	wg.Wait()
}

func TestCond(t *testing.T) {
	var mu sync.Mutex
	ready := 0
	c := sync.NewCond(&mu)
	for range 2 {
		go func() {
			mu.Lock()
			ready++
			mu.Unlock()
			c.Signal()
		}()
	}
	mu.Lock()
	c.Wait()
	for ready < 2 {
		c.Wait()
	}
	mu.Unlock()
}

func TestReaders(t *testing.T) {
	var table sync.RWMutex
	var once sync.Once
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			once.Do(func() { table.Lock(); table.Unlock() })
			table.RLock()
			defer table.RUnlock()
			table.RLock()
			defer table.RUnlock()
		})
	}
	wg.Go(func() { table.Lock(); table.Unlock() })
	wg.Wait()
}

func TestTime(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	tick := time.NewTicker(300 * time.Millisecond)
	go func() {
		for range 2 {
			<-tick.C
		}
		tick.Stop()
	}()
	late := time.AfterFunc(time.Hour, func() {})
	defer late.Stop()
	time.Sleep(100 * time.Millisecond) // of the time of the run
	<-ctx.Done()
	t.Error("late")
}

func TestNil(t *testing.T) {
	var c chan int
	go func() { select {} }()
	select {
	case c <- 1:
	case <-c:
	}
}
