package main

import (
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

func barrierRows() []row {
	var rows []row
	for _, parties := range []int{2, 8, 64, 1000} {
		target := 1.0
		if parties == 2 {
			target = 0.9
		}
		rows = append(rows, row{part: "barrier", what: fmt.Sprintf("party and crossing, %d parties", parties), goals: []goal{noBytes()}, who: []contender{
			{name: "sync2", fresh: func() run {
				b := sync2.NewBarrier(parties)
				return crossings(parties, func() { _, _ = b.Wait() })
			}},
			{name: "Cond barrier", max: target, fresh: func() run {
				return crossings(parties, newCondBarrier(parties).wait)
			}},
			{name: "close(chan) barrier", fresh: func() run {
				b := &chanBarrier{parties: parties, open: make(chan struct{})}
				return crossings(parties, b.wait)
			}},
		}})
	}
	return rows
}

// crossings is a run of which each operation is one party's crossing of a barrier.
func crossings(parties int, wait func()) run {
	return func(n int) (int, time.Duration) {
		each := n/parties + 1
		d := inAll(parties, func(int) {
			for range each {
				wait()
			}
		})
		return each * parties, d
	}
}
