package workerpool

import (
	"sync"
	"testing"
)

// A Pool does the same work on many pages, as many at a time as it has workers.
type Pool struct {
	pages   chan string
	workers sync.WaitGroup
}

func NewPool(workers int, do func(page string)) *Pool {
	p := &Pool{pages: make(chan string)}
	for range workers {
		p.workers.Add(1)
		go p.work(do)
	}
	return p
}

func (p *Pool) work(do func(page string)) {
	defer p.workers.Done()
	for page := range p.pages {
		do(page)
	}
}

// Submit gives page to a worker. It waits while all of them are busy: this is how a pool slows down a caller that gives
// it too much to do. With a buffered channel, some pages would wait instead.
func (p *Pool) Submit(page string) { p.pages <- page }

// Close waits until all pages are done and the workers have ended. Nothing can be submitted after that.
func (p *Pool) Close() {
	close(p.pages)
	p.workers.Wait()
}

func TestWorkerPool(t *testing.T) {
	var mu sync.Mutex // guards done, which both workers change
	done := 0
	pool := NewPool(2, func(page string) {
		mu.Lock()
		done++
		mu.Unlock()
	})
	for _, page := range []string{"page 1", "page 2", "page 3"} {
		pool.Submit(page)
	}
	pool.Close()

	// What the workers did happened before Close returned: no lock is needed anymore.
	if done != 3 {
		t.Errorf("%d pages are done, want 3", done)
	}
}
