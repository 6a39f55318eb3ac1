// Command phases simulates cells on a ring: in each round every worker computes its part from the previous round's results,
// and no worker begins the next round before all have finished this one.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/turnstile-go/turnstile/sync2"
)

var errSettled = errors.New("nothing changes anymore")

// simulate lets cells spread to their neighbors for the given number of rounds at most, with a goroutine for each part of the ring. After each
// round it calls show; it ends early when nothing changes anymore, and when ctx ends.
func simulate(ctx context.Context, cells []bool, parts, rounds int, show func(round int, cells []bool)) error {
	next, round := make([]bool, len(cells)), 0
	barrier := sync2.NewBarrier(parts, sync2.WithAction(func() error { // by the last to arrive, while the others wait
		if slices.Equal(cells, next) {
			return errSettled
		}
		cells, next = next, cells
		round++
		show(round, cells)
		return nil
	}))
	group := sync2.NewGroup(ctx)
	for part := range parts {
		from, to := part*len(cells)/parts, (part+1)*len(cells)/parts
		group.Go(fmt.Sprintf("part-%d", part+1), func(ctx context.Context) error {
			for range rounds {
				for i := from; i < to; i++ {
					n := len(cells)
					next[i] = cells[i] || cells[(i+1)%n] || cells[(i+n-1)%n]
				}
				if _, err := barrier.WaitContext(ctx); err != nil {
					return err // and so do all others, since giving up breaks the barrier
				}
			}
			return nil
		})
	}
	if err := group.Wait(); !errors.Is(err, errSettled) {
		return err
	}
	return nil
}

func main() {
	cells := make([]bool, 24)
	cells[3] = true
	err := simulate(context.Background(), cells, 4, 20, func(round int, cells []bool) {
		fmt.Printf("%2d ", round)
		for _, c := range cells {
			fmt.Print(map[bool]string{true: "#", false: "."}[c])
		}
		fmt.Println()
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "phases:", err)
		os.Exit(1)
	}
}
