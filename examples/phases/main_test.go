package main

import (
	"context"
	"errors"
	"testing"
)

func alive(cells []bool) (n int) {
	for _, c := range cells {
		if c {
			n++
		}
	}
	return n
}

// However many parts there are, each round is that of all of them.
func TestSimulate(t *testing.T) {
	for parts := range 5 {
		cells := make([]bool, 20)
		cells[7] = true
		var seen []int
		if err := simulate(t.Context(), cells, parts+1, 100, func(_ int, cells []bool) { seen = append(seen, alive(cells)) }); err != nil {
			t.Fatal(err)
		}
		if len(seen) != 10 || seen[0] != 3 || seen[8] != 19 || seen[9] != 20 {
			t.Errorf("%d parts: %v", parts+1, seen)
		}
	}
}

func TestSimulateEnds(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	cells := make([]bool, 1000)
	cells[0] = true
	err := simulate(ctx, cells, 3, 1000, func(round int, _ []bool) {
		if round == 5 {
			cancel(why)
		}
	})
	if !errors.Is(err, why) {
		t.Error(err)
	}
}
