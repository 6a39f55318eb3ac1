// Command fetch gets many pages with a few workers: each page has a deadline, all of them together have one, and a slow server
// does not hold up the others.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

// A get fetches one page.
type get func(ctx context.Context, url string) (size int, err error)

// fetch gets the pages, at most workers at once, and prints the size of each as it comes, or why there is none.
func fetch(ctx context.Context, w io.Writer, workers int, each time.Duration, urls []string, get get) error {
	pool := sync2.NewExecutor(workers, sync2.WithName("fetch"), sync2.WithContext(ctx))
	defer pool.Shutdown()
	var pages []*sync2.Future[int]
	names := make(map[*sync2.Future[int]]string)
	for _, url := range urls {
		page := sync2.Submit(pool, func(ctx context.Context) (int, error) {
			ctx, cancel := context.WithTimeout(ctx, each)
			defer cancel()
			return get(ctx, url)
		})
		pages, names[page] = append(pages, page), url
	}
	failed := 0
	for page, err := range sync2.AsCompleted(ctx, pages...) {
		if err != nil { // the deadline of all: what has not begun was canceled with it
			return fmt.Errorf("%d pages are missing: %w", len(names), err)
		}
		size, err := page.Result()
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			fmt.Fprintf(w, "%s: too slow\n", names[page])
			failed++
		case err != nil:
			fmt.Fprintf(w, "%s: %v\n", names[page], err)
			failed++
		default:
			fmt.Fprintf(w, "%s: %d bytes\n", names[page], size)
		}
		delete(names, page)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d pages failed", failed, len(urls))
	}
	return nil
}

// pretend takes as long, for each page, as its name is long.
func pretend(ctx context.Context, url string) (int, error) {
	select {
	case <-time.After(time.Duration(len(url)) * 10 * time.Millisecond):
		return 100 * len(url), nil
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	urls := []string{"/", "/a", "/news", "/a/very/long/report", "/b"}
	if err := fetch(ctx, os.Stdout, 2, 150*time.Millisecond, urls, pretend); err != nil {
		fmt.Println("fetch:", err)
	}
}
