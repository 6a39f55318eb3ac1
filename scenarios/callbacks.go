package scenarios

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "callbacks",
	Title:    "Tell me when it is done, whatever the outcome",
	Category: CategoryPools,
	Programs: []int{21, 67},
	Expect:   ExpectClean,
	Lesson: "Instead of waiting for a Future you can register a callback: OnDone calls it " +
		"once when the Future is settled, whether it succeeded, failed or was canceled, " +
		"in order of registration. The callback runs in the goroutine that settles the " +
		"Future, so it should be short: a worker that runs a callback runs no task.",
	Look: "Two callbacks are registered with each of three Futures. Those of the letter and the parcel are called by " +
		"the worker, those of the telegram by main, which cancels it; one that comes late is called at once.",
	Run: runCallbacks,
})

func runCallbacks(ctx context.Context, p Params) error {
	var errLost = errors.New("lost on the way")
	var lock sync2.Mutex // guards heard
	trace.Name(&lock, "list-lock")
	var heard []string
	listen := func(what, who string, f *sync2.Future[string]) {
		f.OnDone(func(f *sync2.Future[string]) {
			lock.Lock()
			defer lock.Unlock()
			heard = append(heard, fmt.Sprintf("%s of %s: %v", who, what, f.State()))
			trace.Log("%s of %s: %v", who, what, f.State())
		})
	}

	post := sync2.NewExecutor(1, sync2.WithName("courier"))
	trace.Name(post, "post")
	var sorted sync2.Event
	trace.Name(&sorted, "sorted")
	letter := sync2.Submit(post, func(context.Context) (string, error) {
		_ = sorted.WaitContext(ctx)
		p.Pause(ctx, 900*time.Millisecond)
		return "dear you", nil
	})
	parcel := sync2.Submit(post, func(context.Context) (string, error) {
		p.Pause(ctx, 900*time.Millisecond)
		return "", errLost
	})
	telegram := sync2.Submit(post, func(context.Context) (string, error) { return "stop", nil })

	// Two listeners for each. They cost nothing while nothing happens: no goroutine stands and waits.
	for i, what := range []string{"letter", "parcel", "telegram"} {
		f := []*sync2.Future[string]{letter, parcel, telegram}[i]
		trace.Name(f, what)
		listen(what, "first", f)
		listen(what, "second", f)
	}
	p.Pause(ctx, 800*time.Millisecond)

	// The courier has not begun with the telegram: to cancel settles it, here and now.
	telegram.Cancel()
	sorted.Set()
	post.Shutdown() // waits for the tasks, and for the callbacks of those that the courier has settled
	p.Pause(ctx, 400*time.Millisecond)
	listen("letter", "late", letter)

	want := "first of telegram: canceled, second of telegram: canceled, first of letter: succeeded, second of letter: succeeded, " +
		"first of parcel: failed, second of parcel: failed, late of letter: succeeded"
	if got := strings.Join(heard, ", "); got != want {
		return fmt.Errorf("heard %s; want %s", got, want)
	}
	return nil
}
