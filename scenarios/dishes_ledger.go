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
	Title:    "A dryer drops out, but its dish is not lost",
	Category: CategoryPools,
	Programs: []int{118},
	Expect:   ExpectClean,
	Lesson: "Once an item is taken from a queue, only its taker knows about it. If the taker dies, the item is " +
		"lost, unless somebody keeps a ledger: pending, in progress and by whom, completed. When a worker dies, " +
		"the ledger says what it was working on, and the item is handed out again.",
	Look: "A dryer slips and is gone, with a dish in its hands. The foreman learns of it, finds in the ledger what " +
		"the dryer was working on, puts it back on the rack, and hires another dryer.",
	Params: []Param{
		{Name: "dishes", Help: "number of dishes to dry", Default: 8, Min: 1, Max: 1000},
		{Name: "dryers", Help: "number of dryers", Default: 2, Min: 1, Max: 1000},
		{Name: "accidents", Help: "number of dryers that slip, at most one for every two dishes", Default: 2, Min: 0, Max: 500},
	},
	Run: runDishesLedger,
})

// A dishLedger records the state of each dish; dish 1 is in line 0.
type dishLedger struct {
	lock  sync2.Mutex // guards what follows
	lines []dishLine
	open  int // number of dishes not completed
}

type dishLine struct {
	state string // "pending", "working" or "completed"
	by    int    // the dryer who wrote it
	dried int    // the number of times it was completed
}

// write records the state of a dish, and returns the number of dishes not completed.
func (l *dishLedger) write(dish, by int, state string) int {
	l.lock.Lock()
	defer l.lock.Unlock()
	line := &l.lines[dish-1]
	line.state, line.by = state, by
	if state == "completed" {
		line.dried++
		l.open--
	}
	trace.Log("dish %d: %s", dish, state)
	return l.open
}

// inHand returns the dish that a dryer was working on when it last wrote, if any.
func (l *dishLedger) inHand(dryer int) (dish int, ok bool) {
	l.lock.Lock()
	defer l.lock.Unlock()
	for i, line := range l.lines {
		if line.by == dryer && line.state == "working" {
			return i + 1, true
		}
	}
	return 0, false
}

func runDishesLedger(ctx context.Context, p Params) error {
	dishes, dryers, accidents := p.Int("dishes"), p.Int("dryers"), min(p.Int("accidents"), p.Int("dishes")/2)
	drying := 4100 * time.Millisecond * time.Duration(min(dryers, dishes)) / time.Duration(dishes)

	// The rack says what to do next, the ledger what became of it.
	rack := sync2.NewQueue[int](0)
	trace.Name(rack, "rack")
	ledger := &dishLedger{lines: make([]dishLine, dishes), open: dishes}
	trace.Name(&ledger.lock, "ledger")
	for dish := 1; dish <= dishes; dish++ {
		ledger.write(dish, 0, "pending")
		_ = rack.Put(dish) // never fails: the queue has no bound
	}

	// The first dryers hired have slippery hands.
	gone := sync2.NewQueue[int](0) // the numbers of the dryers that have left
	trace.Name(gone, "foreman")
	var people []*sync2.Goroutine
	hire := func() {
		me := len(people) + 1
		people = append(people, sync2.Go(fmt.Sprintf("dryer-%d", me), func() {
			defer func() { _ = gone.Put(me) }()
			for dish, err := rack.GetContext(ctx); err == nil; dish, err = rack.GetContext(ctx) {
				ledger.write(dish, me, "working")
				p.Pause(ctx, drying/2)
				if me <= accidents {
					trace.Log("slips, and is gone")
					return // without a word about the dish
				}
				p.Pause(ctx, drying/2)
				if ledger.write(dish, me, "completed") == 0 {
					rack.Close() // that was the last
				}
			}
		}))
	}

	// The foreman, which is main, waits for dryers to end. One that ended in the middle of a dish had an accident.
	for range dryers {
		hire()
	}
	slipped := 0
	for present := dryers; present > 0; present-- {
		dryer, _ := gone.Get() // each dryer reports, so this does not wait forever
		dish, ok := ledger.inHand(dryer)
		if !ok || ctx.Err() != nil {
			continue
		}
		slipped++
		ledger.write(dish, 0, "pending")
		_ = rack.Put(dish) // it is not closed, since this dish is not completed
		hire()
		present++
	}
	for _, g := range people {
		g.Join()
	}

	dried := make([]int, dishes)
	for i, line := range ledger.lines {
		dried[i] = line.dried
	}
	trace.Log("%d dishes are dry, and %d dryers slipped", dishes, slipped)
	return eachOnce("dried", dried)
}
