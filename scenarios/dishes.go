package scenarios

import (
	"context"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var dishesParams = []Param{
	{Name: "dishes", Help: "how many there are to be washed and dried", Default: 12, Min: 1, Max: 1000},
	{Name: "washers", Help: "how many wash", Default: 2, Min: 1, Max: 1000},
	{Name: "dryers", Help: "how many dry", Default: 3, Min: 1, Max: 1000},
	{Name: "rack", Help: "how many wet dishes there is room for", Default: 3, Min: 1, Max: 1000},
}

var _ = register(&Scenario{
	Name:     "dishes",
	Title:    "Washers and dryers share a rack",
	Category: Pools,
	Expect:   Clean,
	Twin:     "dishes-leak",
	Lesson: "A bounded Queue ties those who make work to those who do it, at the pace of the slower: when it is " +
		"full, Put waits. Each item counts as unfinished until somebody calls TaskDone, so Join tells when the last " +
		"is really done and not merely taken. Then Close sends the workers home.",
	Look: "The rack fills, because drying is slower, and the washers queue for room: back pressure. When the last " +
		"dish is dry, main comes out of Join and closes the rack, and the dryers that wait for more go home.",
	Params: dishesParams,
	Run:    func(ctx context.Context, p Params) error { return doDishes(ctx, p, true) },
})

var _ = register(&Scenario{
	Name:     "dishes-leak",
	Title:    "Nobody sends the dryers home",
	Category: Pools,
	Programs: []int{108},
	Expect:   Leak,
	Twin:     "dishes",
	Lesson: "All dishes are dry, everything seems to be in order, and main goes home. But the dryers still wait for " +
		"another dish, and will for ever: each evening leaves a few more of them in the kitchen. A goroutine needs " +
		"somebody who knows how it ends.",
	Look: "The work is done and main is gone, and the dryers stand at the rack. Nothing in the program can reach " +
		"them any more.",
	Hints: []string{
		"All dishes are dry, so look at who has not gone home, and at what they wait for.",
		"A dryer ends when Get returns an error. Ask who would ever make it do so.",
		"Nobody closes the rack. Call rack.Close() when Join has returned, and join the dryers.",
	},
	Params: dishesParams,
	Run:    func(ctx context.Context, p Params) error { return doDishes(ctx, p, false) },
})

func doDishes(ctx context.Context, p Params, closes bool) error {
	dishes, washers, dryers := p.Int("dishes"), p.Int("washers"), p.Int("dryers")
	rack := sync2.NewQueue[int](p.Int("rack"))
	trace.Name(rack, "rack")

	// To dry is slower than to wash, by as much as makes the evening last four seconds.
	drying := 4 * time.Second * time.Duration(min(dryers, dishes)) / time.Duration(dishes)
	washing := drying * time.Duration(min(washers, dishes)) / time.Duration(2*min(dryers, dishes))

	people := start(washers, "washer", func(i int) {
		for dish := i + 1; dish <= dishes; dish += washers {
			p.Pause(ctx, washing)
			if rack.PutContext(ctx, dish) != nil { // waits while the rack is full
				return
			}
		}
	})

	// A dryer takes whatever comes, and says when it is done with it.
	dried := make([]int, dishes) // how often each dish was
	for i := range dryers {
		people = append(people, sync2.Go(fmt.Sprintf("dryer-%d", i+1), func() {
			for {
				dish, err := rack.GetContext(ctx)
				if err != nil {
					return
				}
				p.Pause(ctx, drying)
				dried[dish-1]++
				rack.TaskDone()
			}
		}))
	}

	// The rack alone does not tell when all is done: it is empty, too, before the first dish comes, and while the last
	// is being dried. So main waits for the washers first, and then until no dish is unfinished.
	for _, washer := range people[:washers] {
		washer.Join()
	}
	err := rack.JoinContext(ctx)
	if err == nil && !closes {
		return eachOnce("dried", dried) // what dryers wrote before TaskDone can be read after Join
	}

	// No more dishes: whoever waits for one is told so, and goes home.
	rack.Close()
	people.Join()
	return eachOnce("dried", dried)
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
