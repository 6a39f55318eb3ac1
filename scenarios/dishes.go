package scenarios

import (
	"context"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var dishesParams = []Param{
	{Name: "dishes", Help: "number of dishes to wash and dry", Default: 12, Min: 1, Max: 1000},
	{Name: "washers", Help: "number of washers", Default: 2, Min: 1, Max: 1000},
	{Name: "dryers", Help: "number of dryers", Default: 3, Min: 1, Max: 1000},
	{Name: "rack", Help: "number of wet dishes the rack holds", Default: 3, Min: 1, Max: 1000},
}

var _ = register(&Scenario{
	Name:     "dishes",
	Title:    "Washers and dryers share a rack",
	Category: CategoryPools,
	Expect:   ExpectClean,
	Twin:     "dishes-leak",
	Lesson: "A bounded Queue couples producers to consumers at the pace of the slower: when it is full, Put waits. " +
		"Each item counts as unfinished until TaskDone is called for it, so Join returns when the last is really " +
		"done and not merely taken. Then Close sends the workers home.",
	Look: "The rack fills, because drying is slower, and the washers queue for room: back pressure. When the last " +
		"dish is dry, main comes out of Join and closes the rack, and the dryers that wait for more go home.",
	Params: dishesParams,
	Run:    runDishes,
})

var _ = register(&Scenario{
	Name:     "dishes-leak",
	Title:    "Nobody sends the dryers home",
	Category: CategoryPools,
	Programs: []int{108},
	Expect:   ExpectLeak,
	Twin:     "dishes",
	Lesson: "All dishes are dry, everything seems to be in order, and main goes home. But the dryers still wait " +
		"for another dish, and will forever: each evening leaves a few more of them in the kitchen. A goroutine " +
		"needs somebody who knows how it ends.",
	Look: "The work is done and main is gone, and the dryers stand at the rack. Nothing in the program can reach " +
		"them anymore.",
	Hints: []string{
		"All dishes are dry, so look at who has not gone home, and at what they wait for.",
		"A dryer ends when Get returns an error. Ask who would ever make it do so.",
		"Nobody closes the rack. Call rack.Close() when Join has returned, and join the dryers.",
	},
	Params: dishesParams,
	Run:    runDishesLeak,
})

func runDishes(ctx context.Context, p Params) error {
	k := newKitchen(ctx, p)
	washers := start(p.Int("washers"), "washer", k.wash)
	dryers := start(p.Int("dryers"), "dryer", k.dry)

	// The rack alone does not tell when all is done: it is empty, too, before the first dish comes, and while the last
	// is being dried. So main waits for the washers first, and then until no dish is unfinished.
	washers.Join()
	_ = k.rack.JoinContext(ctx)

	// No more dishes: dryers that wait for one hear so, and go home.
	k.rack.Close()
	dryers.Join()
	return eachOnce("dried", k.dried)
}

func runDishesLeak(ctx context.Context, p Params) error {
	k := newKitchen(ctx, p)
	washers := start(p.Int("washers"), "washer", k.wash)
	dryers := start(p.Int("dryers"), "dryer", k.dry)
	washers.Join()
	if err := k.rack.JoinContext(ctx); err != nil {
		dryers.Join() // ctx has ended, and they hear of it
		return err    // it is the cause of ctx
	}

	// All dishes are dry: what dryers wrote before TaskDone can be read after Join. Time to go home.
	return eachOnce("dried", k.dried)
}

// A kitchen has a rack between those who wash and those who dry.
type kitchen struct {
	rack            *sync2.Queue[int]
	dried           []int // the number of times each dish was dried
	washing, drying func()
	ctx             context.Context
	washers         int
}

func newKitchen(ctx context.Context, p Params) *kitchen {
	dishes, washers, dryers := p.Int("dishes"), p.Int("washers"), p.Int("dryers")
	k := &kitchen{rack: sync2.NewQueue[int](p.Int("rack")), dried: make([]int, dishes), ctx: ctx, washers: washers}
	trace.Name(k.rack, "rack")

	// To dry is slower than to wash, by as much as makes the evening last four seconds.
	drying := 4 * time.Second * time.Duration(min(dryers, dishes)) / time.Duration(dishes)
	washing := drying * time.Duration(min(washers, dishes)) / time.Duration(2*min(dryers, dishes))
	k.drying, k.washing = func() { p.Pause(ctx, drying) }, func() { p.Pause(ctx, washing) }
	return k
}

// wash washes the dishes of one washer: every nth, where there are n washers.
func (k *kitchen) wash(i int) {
	for dish := i + 1; dish <= len(k.dried); dish += k.washers {
		k.washing()
		if k.rack.PutContext(k.ctx, dish) != nil { // waits while the rack is full
			return
		}
	}
}

// dry takes whatever comes, and says when it is done with it.
func (k *kitchen) dry(int) {
	for {
		dish, err := k.rack.GetContext(k.ctx)
		if err != nil {
			return
		}
		k.drying()
		k.dried[dish-1]++
		k.rack.TaskDone()
	}
}

// eachOnce returns an error if one of the counts, which are those of items 1, 2, 3 …, is not 1.
func eachOnce(what string, counts []int) error {
	for i, n := range counts {
		if n != 1 {
			return fmt.Errorf("number %d of %d was %s %d times", i+1, len(counts), what, n)
		}
	}
	return nil
}
