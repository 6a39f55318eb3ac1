package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

var errNotNow = errors.New("not now")

func names(n int) (list []string) {
	for i := range n {
		list = append(list, fmt.Sprint(i))
	}
	return list
}

// Every job is done or given up after as many tries, also where all workers want to put one back into the full queue.
func TestWork(t *testing.T) {
	for _, workers := range []int{1, 3, 8} {
		synctest.Test(t, func(t *testing.T) {
			var tried atomic.Int64
			a := work(t.Context(), workers, 3, names(40), func(j job) error {
				tried.Add(1)
				if j.name == "7" || j.failed < 2 {
					return errNotNow
				}
				return nil
			})
			if a.done.Load() != 39 || a.givenUp.Load() != 1 || a.left.Load() != 0 || tried.Load() != 120 {
				t.Errorf("%d done, %d given up, %d left, %d tries", a.done.Load(), a.givenUp.Load(), a.left.Load(), tried.Load())
			}
		})
	}
}

// When it is stopped, each job is done or left.
func TestWorkStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		a := work(ctx, 2, 3, names(40), func(j job) error {
			if j.name == "10" {
				cancel()
			}
			return nil
		})
		if d, l := a.done.Load(), a.left.Load(); d < 1 || d+l != 40 || a.givenUp.Load() != 0 {
			t.Errorf("%d done, %d left", d, l)
		}
	})
}
