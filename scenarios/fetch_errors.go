package scenarios

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "fetch-errors",
	Title:    "One of the pages cannot be fetched",
	Category: CategoryPools,
	Programs: []int{7},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "When many things are tried at once, some fail, and that must not affect the others. A map from each " +
		"Future to its purpose tells whose result has just arrived; AsCompleted yields the Futures in the order in which " +
		"they are settled, and the result of each is the page or the error.",
	Look: "The pages arrive as they are ready, the quick ones first. One of them does not exist: its future fails, " +
		"the log says which page it was, and the others arrive as if nothing had happened.",
	Params: []Param{
		{Name: "pages", Help: "number of pages; the middle one does not exist", Default: 5, Min: 1, Max: 200},
	},
	Run: runFetchErrors,
})

func runFetchErrors(ctx context.Context, p Params) error {
	pages := p.Int("pages")
	missing := fmt.Sprintf("/page/%d", pages/2+1)
	url, client, stop, err := serveHTTP(ctx, func(w http.ResponseWriter, r *http.Request) {
		var page int
		_, _ = fmt.Sscanf(r.URL.Path, "/page/%d", &page)
		p.Pause(r.Context(), spread(3*time.Second, page-1, pages))
		if r.URL.Path == missing {
			http.NotFound(w, r)
			return
		}
		_, _ = fmt.Fprintf(w, "this is %s", r.URL.Path) //nolint:gosec // plain text, which only this program reads
	})
	if err != nil {
		return err
	}
	defer stop()

	pool := sync2.NewExecutor(pages, sync2.WithName("fetcher"))
	defer pool.Shutdown()
	trace.Name(pool, "fetchers")

	// A future does not know what it is for. A map from futures to names does.
	paths := make(map[*sync2.Future[string]]string)
	var futures []*sync2.Future[string]
	for i := range pages {
		path := fmt.Sprintf("/page/%d", pages-i) // the slowest first
		f := sync2.Submit(pool, func(ctx context.Context) (string, error) {
			return fetchURL(ctx, client, url+path)
		})
		trace.Name(f, strings.TrimPrefix(path, "/"))
		paths[f] = path
		futures = append(futures, f)
	}

	came, failed := 0, 0
	for f, err := range sync2.AsCompleted(ctx, futures...) {
		if err != nil {
			return err
		}
		switch body, err := f.Result(); { // does not wait
		case err != nil:
			trace.Log("%s cannot be fetched: %s", paths[f], strings.ReplaceAll(err.Error(), url, ""))
			failed++
			if paths[f] != missing {
				return err
			}
		case body != "this is "+paths[f]:
			return fmt.Errorf("%s is %q", paths[f], body)
		default:
			trace.Log("%s has %d bytes", paths[f], len(body))
			came++
		}
	}
	if came != pages-1 || failed != 1 {
		return fmt.Errorf("%d pages came and %d failed, of %d", came, failed, pages)
	}
	return nil
}
