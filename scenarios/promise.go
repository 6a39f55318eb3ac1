package scenarios

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "promise",
	Title:    "A result that somebody else will bring",
	Category: CategoryPools,
	Programs: []int{77},
	Expect:   ExpectClean,
	Lesson: "A Promise is a Future without a task: its owner settles it, at any time and from any goroutine. Waiters " +
		"and callbacks cannot tell the difference. It is settled once: the first call wins, and later ones return " +
		"false.",
	Look: "The readers wait for the news, and one has left a callback. Two couriers are on the way; the first to " +
		"arrive releases everybody at once, the second has run in vain.",
	Params: []Param{
		{Name: "readers", Help: "number of readers who wait for the news", Default: 3, Min: 1, Max: 1000},
		{Name: "couriers", Help: "number of couriers who bring it", Default: 2, Min: 1, Max: 1000},
	},
	Run: runPromise,
})

func runPromise(ctx context.Context, p Params) error {
	readers, couriers := p.Int("readers"), p.Int("couriers")
	promise := sync2.NewPromise[string]()
	news := promise.Future() // what the readers get
	trace.Name(news, "news")

	called := "" // written by the callback, which runs once, in the goroutine that settles the promise
	news.OnDone(func(f *sync2.Future[string]) {
		called, _ = f.Result()
		trace.Log("calls the callback: %s", called)
	})

	read := make([]string, readers)
	people := start(readers, "reader", func(i int) {
		p.Pause(ctx, spread(800*time.Millisecond, i, readers))
		read[i], _ = news.ResultContext(ctx)
		p.Pause(ctx, 500*time.Millisecond)
	})

	first := make([]bool, couriers)
	for i := range couriers {
		people = append(people, sync2.Go(fmt.Sprintf("courier-%d", i+1), func() {
			p.Pause(ctx, 1500*time.Millisecond+spread(1500*time.Millisecond, i, couriers))
			first[i] = promise.Succeed(fmt.Sprintf("news of courier %d", i+1))
			trace.Log("was the first: %t", first[i])
		}))
	}
	people.Join()

	// After that it cannot be canceled either.
	if promise.Fail(errors.New("it was all a mistake")) {
		return errors.New("a promise was settled twice")
	}
	text, err := news.Result()
	wins := 0
	for i, won := range first {
		if won {
			wins++
			if want := fmt.Sprintf("news of courier %d", i+1); text != want || called != want || err != nil {
				return errors.Join(fmt.Errorf("courier %d was first, and the promise has %q, the callback %q", i+1, text, called), err)
			}
		}
	}
	if wins != 1 {
		return fmt.Errorf("%d of %d couriers were first", wins, couriers)
	}
	for i, t := range read {
		if t != text {
			return fmt.Errorf("reader-%d has read %q, not %q", i+1, t, text)
		}
	}
	return nil
}
