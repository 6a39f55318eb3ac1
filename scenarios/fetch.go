package scenarios

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "fetch",
	Title:    "Fetch pages, all at the same time",
	Category: CategoryPools,
	Programs: []int{55, 56, 78},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "Fetching a page is mostly waiting for it. Workers take URLs from a queue, and while one waits for its " +
		"page the others wait for theirs: with a worker for each page, the whole takes only as long as the slowest page, " +
		"not as long as all of them together. Join returns when the last one is there.",
	Look: "Each worker takes a URL and is away for as long as its page takes, the first for a short time, the last " +
		"for a long one. The log shows the total time next to the ideal.",
	Params: []Param{
		{Name: "pages", Help: "number of pages, each slower than the one before", Default: 5, Min: 1, Max: 200},
		{Name: "workers", Help: "number of workers that fetch them", Default: 5, Min: 1, Max: 200},
	},
	Run: runFetch,
})

func runFetch(ctx context.Context, p Params) error {
	pages, workers := p.Int("pages"), p.Int("workers")
	slowest := min(3*time.Second, 9*time.Second*time.Duration(workers)/time.Duration(pages))
	latency := make([]time.Duration, pages)
	for i := range latency {
		latency[i] = spread(slowest, i, pages)
	}

	// A slow web server on this machine.
	url, client, stop, err := serveHTTP(ctx, func(w http.ResponseWriter, r *http.Request) {
		var page int
		if _, err := fmt.Sscanf(r.URL.Path, "/page/%d", &page); err != nil || page < 1 || page > pages {
			http.NotFound(w, r)
			return
		}
		p.Pause(r.Context(), latency[page-1])
		_, _ = fmt.Fprintf(w, "this is page %d", page)
	})
	if err != nil {
		return err
	}
	defer stop()

	begin := time.Now()
	todo := sync2.NewQueue[string](0)
	trace.Name(todo, "urls")
	for i := range pages {
		_ = todo.Put(fmt.Sprintf("/page/%d", i+1)) // never fails: the queue has no bound
	}
	var lock sync2.Mutex // guards got and errs
	trace.Name(&lock, "results")
	got := make(map[string]string)
	var errs []error
	fetchers := start(workers, "fetcher", func(int) {
		for path := range todo.All() { // each counts as done when the loop comes back for the next
			body, err := fetchURL(ctx, client, url+path)
			trace.Log("has %s", path)
			lock.Lock()
			got[path] = body
			errs = append(errs, err)
			lock.Unlock()
		}
	})

	// Join waits for the pages, not for the fetchers. Those wait for more URLs until the queue is closed.
	todo.Join()
	took := time.Since(begin)
	todo.Close()
	fetchers.Join()

	for i := range pages {
		if path, want := fmt.Sprintf("/page/%d", i+1), fmt.Sprintf("this is page %d", i+1); got[path] != want {
			errs = append(errs, fmt.Errorf("%s is %q, want %q", path, got[path], want))
		}
	}
	return errors.Join(append(errs, p.compare(fmt.Sprintf("%d pages, %d workers", pages, workers), took, makespan(latency, workers)))...)
}

// fetchURL returns the page at url.
func fetchURL(ctx context.Context, client *http.Client, url string) (string, error) {
	req, err := http.NewRequestWithContext(undated{ctx}, http.MethodGet, url, http.NoBody)
	if err != nil {
		return "", fmt.Errorf("cannot ask for %s: %w", url, err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", fmt.Errorf("cannot fetch it: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", url, resp.Status)
	}
	return string(body), err
}
