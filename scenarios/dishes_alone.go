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
	Lesson: "One person who washes a dish, dries it and takes the next needs as long as one who washes all of them " +
		"first and then dries them: a different order of the same work saves nothing. Two people, of whom one washes " +
		"and one dries, need hardly more than half, if there is a place between them where a dish can wait.",
	Look: "In the first two acts one goroutine runs from the beginning to the end. In the third the dryer begins as " +
		"soon as the first dish stands on the rack. The log has each time beside its ideal.",
	Params: []Param{
		{Name: "dishes", Help: "how many there are", Default: 4, Min: 1, Max: 1000},
	},
	Run: runDishesAlone,
})

func runDishesAlone(ctx context.Context, p Params) error {
	dishes := p.Int("dishes")
	unit := 800 * time.Millisecond / time.Duration(dishes) // to wash or to dry one
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
			_ = rack.Put(dish) // it has room for any number
		}
		rack.Close()
		dryer.Join()
	})
	return errors.Join(errs...)
}
