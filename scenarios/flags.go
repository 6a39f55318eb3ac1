package scenarios

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "flags",
	Title:    "Twenty downloads, and their progress",
	Category: CategoryPools,
	Programs: []int{55, 79, 80, 81},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "The same twenty files, one after another, by three workers, and by twenty. The code that downloads " +
		"stays the same; only the number of workers changes, and with it the time. Each download is a Future, so at any " +
		"moment the program knows the numbers of pending, running and completed downloads.",
	Look: "Each download goes from pending to running to done. First there is one at a time, then three, then all " +
		"twenty at once; the log shows the progress, and the speed-up at the end of each act.",
	Params: []Param{
		{Name: "flags", Help: "number of files", Default: 20, Min: 1, Max: 200},
		{Name: "workers", Help: "number of workers in the second act", Default: 3, Min: 1, Max: 200},
	},
	Run: runFlags,
})

func runFlags(ctx context.Context, p Params) error {
	n := p.Int("flags")
	unit := min(2*time.Second, 5*time.Second/time.Duration(n)) // one after another, they take five seconds
	url, client, stop, err := serveHTTP(ctx, func(w http.ResponseWriter, r *http.Request) {
		var number int
		_, _ = fmt.Sscanf(r.URL.Path, "/flag-%d", &number)
		p.Pause(r.Context(), unit)
		_, _ = fmt.Fprint(w, strings.Repeat(fmt.Sprintf("stripe of flag %d\n", number), 100))
	})
	if err != nil {
		return err
	}
	defer stop()

	var errs []error
	var before []string
	var serial time.Duration
	for act, workers := range []int{1, p.Int("workers"), n} {
		begin := time.Now()
		flags, err := downloadFlags(ctx, n, workers, func(ctx context.Context, name string) (string, error) {
			return fetchURL(ctx, client, url+"/"+name)
		})
		took := max(time.Since(begin), 1)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if act == 0 {
			before, serial = flags, took
		}
		trace.Log("%d workers: %.1f times as fast as one", workers, float64(serial)/float64(took))
		errs = append(errs, err, p.compare(fmt.Sprintf("%d flags, %d workers", n, workers), took, makespan(equal(n, unit), workers)))
		if !slices.Equal(flags, before) || slices.Contains(flags, "") {
			errs = append(errs, fmt.Errorf("with %d workers the bytes differ from those with one", workers))
		}
	}
	return errors.Join(errs...)
}

// downloadFlags downloads n flags with the given number of workers, and returns them in order.
func downloadFlags(ctx context.Context, n, workers int, download func(context.Context, string) (string, error)) ([]string, error) {
	pool := sync2.NewExecutor(workers, sync2.WithName(fmt.Sprintf("of-%d", workers)))
	defer pool.Shutdown()
	trace.Name(pool, fmt.Sprintf("pool-of-%d", workers))
	var futures []*sync2.Future[string]
	for i := range n {
		name := fmt.Sprintf("flag-%d", i+1)
		f := sync2.Submit(pool, func(context.Context) (string, error) { return download(ctx, name) })
		trace.Name(f, name)
		futures = append(futures, f)
	}

	// The progress is logged whenever another one has arrived.
	for _, err := range sync2.AsCompleted(ctx, futures...) {
		if err != nil {
			break
		}
		states := make(map[sync2.State]int)
		for _, f := range futures {
			states[f.State()]++
		}
		trace.Log("%d pending, %d running, %d done, %d failed",
			states[sync2.Pending], states[sync2.Running], states[sync2.Succeeded], states[sync2.Failed])
	}

	flags, errs := make([]string, n), make([]error, n)
	for i, f := range futures {
		flags[i], errs[i] = f.Result()
	}
	return flags, errors.Join(errs...)
}
