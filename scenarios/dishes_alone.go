package scenarios

import (
	"context"
	"errors"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "dishes-alone",
	Title:    "One person does the dishes, dish by dish, in a batch, and with help",
	Category: CategoryPools,
	Programs: []int{105},
	Expect:   ExpectClean,
	Lesson: "Washing and drying one dish after another takes one person as long as washing all of them first and then " +
		"drying them all: a different order of the same work saves nothing. Two people, one washing and one drying, need " +
		"little more than half the time, if there is a place between them where a dish can wait.",
	Look: "In the first two acts one goroutine does everything. In the third, the dryer begins as soon as the first " +
		"dish is on the rack. The log shows each time next to its ideal.",
	Params: []Param{
		{Name: "dishes", Help: "number of dishes", Default: 4, Min: 1, Max: 1000},
	},
	Run: runDishesAlone,
})

func runDishesAlone(ctx context.Context, p Params) error {
	dishes := p.Int("dishes")
	unit := 800 * time.Millisecond / time.Duration(dishes) // to wash or to dry one dish
	dried := make([]int, dishes)
	var errs []error
	act := func(what string, ideal time.Duration, work func()) {
		clear(dried)
		begin := time.Now()
		work()
		errs = append(errs, p.compare(what, time.Since(begin), ideal), eachOnce("dried", dried))
	}

	act("dish by dish", time.Duration(2*dishes)*unit, func() {
		for dish := range dishes {
			p.Pause(ctx, unit)
			p.Pause(ctx, unit)
			dried[dish]++
		}
	})
	act("in a batch", time.Duration(2*dishes)*unit, func() {
		var washed []int
		for dish := range dishes {
			p.Pause(ctx, unit)
			washed = append(washed, dish)
		}
		for _, dish := range washed {
			p.Pause(ctx, unit)
			dried[dish]++
		}
	})
	act("by two", time.Duration(dishes+1)*unit, func() {
		rack := sync2.NewQueue[int](0)
		trace.Name(rack, "rack")
		dryer := sync2.Go("dryer", func() {
			for dish := range rack.All() {
				p.Pause(ctx, unit)
				dried[dish]++
			}
		})
		for dish := range dishes {
			p.Pause(ctx, unit)
			_ = rack.Put(dish) // never fails: the queue has no bound
		}
		rack.Close()
		dryer.Join()
	})
	return errors.Join(errs...)
}
