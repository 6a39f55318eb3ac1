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
	Name:     "flight",
	Title:    "Many callers ask for a page, but it is fetched once",
	Category: CategoryPrimitives,
	Expect:   ExpectClean,
	Lesson: "A Flight lets callers that ask for the same key at the same time share one call of a function. The " +
		"first caller starts the call, the others wait for it, and all get the same result. After that, the next " +
		"caller starts a new call: a Flight is no cache, but it keeps callers from doing the same work at once.",
	Look: "The visitors of one page wait for the same call, which one goroutine runs for all of them; those of another " +
		"page have a call of their own. When a call returns, all who share it go on at once.",
	Params: []Param{
		{Name: "visitors", Help: "number of visitors, each of whom asks once", Default: 4, Min: 1, Max: 500},
		{Name: "pages", Help: "number of pages", Default: 2, Min: 1, Max: 100},
	},
	Run: runFlight,
})

func runFlight(ctx context.Context, p Params) error {
	n, pages := p.Int("visitors"), p.Int("pages")
	var flight sync2.Flight[string, string]
	trace.Name(&flight, "pages")
	var lock sync2.Mutex // guards fetched
	trace.Name(&lock, "tally")
	fetched := 0

	fetch := func(page string) (string, error) {
		lock.Lock()
		fetched++
		lock.Unlock()
		p.Pause(ctx, 1800*time.Millisecond)
		return "<" + page + ">", ctx.Err()
	}

	errs := make([]error, n)
	start(n, "visitor", func(i int) {
		page := fmt.Sprintf("page-%d", i%pages+1)
		p.Pause(ctx, spread(1200*time.Millisecond, i, n))
		text, shared, err := flight.Do(ctx, page, func(context.Context) (string, error) { return fetch(page) })
		if err == nil && text != "<"+page+">" {
			err = fmt.Errorf("visitor-%d asked for %s and got %s", i+1, page, text)
		}
		errs[i] = err
		if shared {
			trace.Log("has %s, and others have it too", page)
		}
		p.Pause(ctx, 300*time.Millisecond)
	}).Join()

	// Every page that is fetched was asked for, and none arrives without being fetched.
	if err := errors.Join(errs...); err != nil {
		return err
	}
	lock.Lock()
	defer lock.Unlock()
	if fetched < min(n, pages) || fetched > n {
		return fmt.Errorf("%d visitors of %d pages had %d of them fetched", n, pages, fetched)
	}
	return nil
}
