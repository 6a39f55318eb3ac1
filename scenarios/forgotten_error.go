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
	Name:     "forgotten-error",
	Title:    "An error that nobody asks for is lost",
	Category: CategoryPools,
	Programs: []int{90},
	Expect:   ExpectClean,
	Lesson: "A Future keeps its task's error until somebody asks for the result. If nobody does, the program " +
		"continues as if all were well: no message, no exit status, and the work is not done. Check every result, even " +
		"one without a value: WaitFirstError checks many and stops at the first failure.",
	Look: "In the first act the second letter is not sent, yet main says that all is well, and only the mark on the future " +
		"shows otherwise. In the second act main waits for the futures and learns of the failure as soon as it happens.",
	Params: []Param{
		{Name: "letters", Help: "number of letters; the second fails", Default: 3, Min: 2, Max: 1000},
	},
	Run: runForgottenError,
})

func runForgottenError(ctx context.Context, p Params) error {
	letters := p.Int("letters")
	pool := sync2.NewExecutor(1, sync2.WithName("postman"))
	defer pool.Shutdown()
	trace.Name(pool, "post-office")

	errNoStamp := errors.New("no stamp")
	sent := 0 // written by the only postman, and read when the futures are settled
	send := func(act string) (futures []*sync2.Future[struct{}]) {
		for i := range letters {
			f := sync2.Submit(pool, func(context.Context) (none struct{}, _ error) {
				p.Pause(ctx, 1500*time.Millisecond/time.Duration(letters))
				if i == 1 {
					return none, errNoStamp
				}
				sent++
				return none, nil
			})
			trace.Name(f, fmt.Sprintf("%s-%d", act, i+1))
			futures = append(futures, f)
		}
		return futures
	}

	// Nothing looks at the futures that Submit returned. All letters have been handed in, and the post office is done with them.
	forgotten := send("forgotten")
	if _, _, err := sync2.WaitAll(ctx, forgotten...); err != nil {
		return err
	}
	trace.Log("all %d letters have been handed in", letters)
	if sent != letters-1 || forgotten[1].State() != sync2.Failed {
		return fmt.Errorf("%d of %d letters were sent, and the second is %v", sent, letters, forgotten[1].State())
	}

	// The same again, and now main asks, as soon as one of them has failed.
	done, pending, err := sync2.WaitFirstError(ctx, send("asked")...)
	if err != nil {
		return err
	}
	for _, f := range done {
		if _, err = f.Result(); err != nil {
			trace.Log("a letter was not sent: %v; %d are still to be sent", err, len(pending))
			break
		}
	}
	if !errors.Is(err, errNoStamp) {
		return errors.Join(fmt.Errorf("the second letter should have failed with: %w; it has", errNoStamp), err)
	}
	return nil
}
