package scenarios

import (
	"context"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "fire-and-forget",
	Title:    "Dishes that fall to the floor, and three ways to treat a full rack",
	Category: CategoryPools,
	Programs: []int{117},
	Expect:   ExpectClean,
	Lesson: "A producer that never waits loses whatever does not fit: fire and forget. One that waits for the answer " +
		"to each item loses nothing, but does nothing else meanwhile: request and reply. A bounded Queue lies in " +
		"between: the producer runs ahead as long as there is room and then slows down to the consumer's pace, which is " +
		"called back pressure. Which one is right depends on what an item is worth.",
	Look: "In the first act TryPut fails whenever the rack is full, and the dish is gone. In the second, washer " +
		"and dryer take turns. In the third the rack fills, the washer waits for room now and then, and nothing is " +
		"lost.",
	Params: []Param{
		{Name: "dishes", Help: "number of dishes washed in each act", Default: 6, Min: 1, Max: 1000},
		{Name: "rack", Help: "number of dishes the rack holds", Default: 1, Min: 1, Max: 1000},
	},
	Run: runFireAndForget,
})

func runFireAndForget(ctx context.Context, p Params) error {
	dishes := p.Int("dishes")

	// An act is a washer that puts dishes on a rack in its own way, and a slower dryer.
	act := func(name string, put func(rack *sync2.Queue[int], dish int) bool) (washed, dried int) {
		rack := sync2.NewQueue[int](p.Int("rack"))
		trace.Name(rack, name)
		dryer := sync2.Go(name+"-dryer", func() {
			for range rack.All() { // counts each dish as done when it asks for the next
				p.Pause(ctx, 1200*time.Millisecond/time.Duration(dishes))
				dried++
			}
		})
		for dish := range dishes {
			p.Pause(ctx, 400*time.Millisecond/time.Duration(dishes))
			if put(rack, dish+1) {
				washed++
			}
		}
		rack.Close()
		dryer.Join()
		return washed, dried
	}

	kept, dried := act("floor", func(rack *sync2.Queue[int], dish int) bool {
		if rack.TryPut(dish) {
			return true
		}
		trace.Log("dish %d falls to the floor", dish)
		return false
	})
	trace.Log("fire and forget: %d of %d dishes are whole", kept, dishes)
	if dried != kept {
		return fmt.Errorf("%d dishes came onto the rack and %d were dried", kept, dried)
	}

	washed, dried := act("reply", func(rack *sync2.Queue[int], dish int) bool {
		return rack.PutContext(ctx, dish) == nil && rack.JoinContext(ctx) == nil // until it is dry
	})
	trace.Log("request and reply: %d of %d dishes are whole", dried, dishes)
	if washed != dishes || dried != dishes {
		return fmt.Errorf("with replies %d of %d dishes were washed and %d dried", washed, dishes, dried)
	}

	washed, dried = act("rack", func(rack *sync2.Queue[int], dish int) bool {
		return rack.PutContext(ctx, dish) == nil // waits while the rack is full
	})
	trace.Log("back pressure: %d of %d dishes are whole", dried, dishes)
	if washed != dishes || dried != dishes {
		return fmt.Errorf("with back pressure %d of %d dishes were washed and %d dried", washed, dishes, dried)
	}
	return nil
}
