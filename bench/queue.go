package main

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

func queueRows() []row {
	return []row{
		queueRow("cap 128, 1 producer, 1 consumer", 128, 1, 1.0),
		queueRow("cap 128, 4 producers, 4 consumers", 128, 4, 1.0),
		queueRow("cap 1, 1 producer, 1 consumer", 1, 1, 1.5),
	}
}

func queueRow(what string, capacity, pairs int, maxChan float64) row {
	return row{part: "queue", what: what, goals: []goal{noBytes(), allocsAtMost(0)}, who: []contender{
		{name: "sync2", fresh: func() run {
			q := sync2.NewQueue[int](capacity)
			return pipe(pairs, func(v int) { _ = q.Put(v) }, func() int { v, _ := q.Get(); return v })
		}},
		{name: "chan", max: maxChan, fresh: func() run {
			c := make(chan int, capacity)
			return pipe(pairs, func(v int) { c <- v }, func() int { return <-c })
		}},
		{name: "Mutex + 2 Cond ring", fresh: func() run {
			r := newRing(capacity)
			return pipe(pairs, r.put, r.get)
		}},
	}}
}

// pipe is a run in which producers put what the same number of consumers get. An operation is one item.
func pipe(pairs int, put func(v int), get func() int) run {
	return func(n int) (int, time.Duration) {
		each := n/pairs + 1
		var sum atomic.Int64
		d := inAll(2*pairs, func(i int) {
			if i%2 == 0 {
				for v := range each {
					put(v)
				}
				return
			}
			total := 0
			for range each {
				total += get()
			}
			sum.Add(int64(total))
		})
		if want := int64(pairs) * int64(each) * int64(each-1) / 2; sum.Load() != want {
			panic("bench: an item was lost")
		}
		return each * pairs, d
	}
}

// ring is a bounded queue as one writes it with package sync.
type ring struct {
	mu              sync.Mutex // guards the rest
	notFull, notEmp *sync.Cond
	items           []int
	head, count     int
}

func newRing(capacity int) *ring {
	r := &ring{items: make([]int, capacity)}
	r.notFull, r.notEmp = sync.NewCond(&r.mu), sync.NewCond(&r.mu)
	return r
}

func (r *ring) put(v int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.count == len(r.items) {
		r.notFull.Wait()
	}
	r.items[(r.head+r.count)%len(r.items)] = v
	r.count++
	r.notEmp.Signal()
}

func (r *ring) get() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.count == 0 {
		r.notEmp.Wait()
	}
	v := r.items[r.head]
	r.head = (r.head + 1) % len(r.items)
	r.count--
	r.notFull.Signal()
	return v
}
