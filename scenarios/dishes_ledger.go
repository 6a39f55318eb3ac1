package scenarios

import (
	"context"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "dishes-ledger",
	Title:    "A dryer drops out, its dish does not",
	Category: Pools,
	Expect:   Clean,
	Lesson: "An item that was taken from a queue is known to nobody but its taker. If that one dies, the item is lost, unless somebody keeps a ledger: pending, working and by whom, " +
		"completed. Whoever finds a worker dead looks up what it had in hand, and hands it out again.",
	Look: "A dryer slips and is gone, with a dish in its hands. The foreman hears of it, finds in the ledger what the dryer was working on, puts it back on the rack, and hires another.",
	Params: []Param{
		{Name: "dishes", Help: "how many there are to be dried", Default: 8, Min: 1, Max: 1000},
		{Name: "dryers", Help: "how many dry", Default: 2, Min: 1, Max: 1000},
		{Name: "accidents", Help: "how many dryers slip; with fewer dishes than two for each, not all of them do", Default: 2, Min: 0, Max: 100},
	},
	Run: runDishesLedger,
})

// An entry is the line of one dish in the ledger.
type entry struct {
	state   string // "pending", "working" or "completed"
	by      int    // whose hands it is in
	dropped bool
	dried   int
}

func runDishesLedger(ctx context.Context, p Params) error {
	dishes, dryers, accidents := p.Int("dishes"), p.Int("dryers"), p.Int("accidents")
	drying := 4 * time.Second * time.Duration(min(dryers, dishes)) / time.Duration(dishes)

	// The rack says what is to be done next, the ledger what has become of it.
	rack := sync2.NewQueue[int](0)
	trace.Name(rack, "rack")
	var lock sync2.Mutex // guards ledger and completed
	trace.Name(&lock, "ledger")
	ledger, completed := make([]entry, dishes), 0
	for i := range ledger {
		ledger[i].state = "pending"
		_ = rack.Put(i + 1) // it has room for any number
	}
	write := func(dish, by int, state string) {
		lock.Lock()
		defer lock.Unlock()
		e := &ledger[dish-1]
		e.state, e.by = state, by
		trace.Log("dish %d: %s", dish, state)
		if state == "completed" {
			e.dried++
			completed++
		}
		if completed == dishes {
			rack.Close() // that was the last
		}
	}
	// slips reports whether the dish is one of those that are dropped, and that for the first time.
	slips := func(dish int) bool {
		lock.Lock()
		defer lock.Unlock()
		e := &ledger[dish-1]
		first := !e.dropped && dish%2 == 0 && dish/2 <= accidents
		e.dropped = e.dropped || first
		return first
	}

	gone := sync2.NewQueue[int](0) // the numbers of the dryers that are not there any more
	trace.Name(gone, "foreman")
	var people []*sync2.Goroutine
	hire := func() {
		me := len(people) + 1
		people = append(people, sync2.Go(fmt.Sprintf("dryer-%d", me), func() {
			defer func() { _ = gone.Put(me) }()
			for dish, err := rack.GetContext(ctx); err == nil; dish, err = rack.GetContext(ctx) {
				write(dish, me, "working")
				p.Pause(ctx, drying/2)
				if slips(dish) {
					trace.Log("slips, and is gone")
					return // and says nothing of the dish
				}
				p.Pause(ctx, drying/2)
				write(dish, me, "completed")
			}
		}))
	}
	// lost returns what the ledger has of a dryer: a dish that it was working on, if any.
	lost := func(dryer int) (dish int, ok bool) {
		lock.Lock()
		defer lock.Unlock()
		for i, e := range ledger {
			if e.by == dryer && e.state == "working" {
				return i + 1, true
			}
		}
		return 0, false
	}

	// The foreman waits for dryers to end. One that ended in the middle of a dish was no good end.
	for range dryers {
		hire()
	}
	for present := dryers; present > 0; present-- {
		dryer, _ := gone.Get() // each dryer reports, so this does not wait for ever
		dish, ok := lost(dryer)
		if !ok || ctx.Err() != nil {
			continue
		}
		write(dish, 0, "pending")
		_ = rack.Put(dish) // it is not closed: this dish is not completed
		hire()
		present++
	}
	for _, g := range people {
		g.Join()
	}

	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	dried := make([]int, dishes)
	for i, e := range ledger {
		dried[i] = e.dried
	}
	return eachOnce("dried", dried)
}
