// Command request serves requests with a shared pool of workers. The data of a request, here its id, is in a Local that the
// tasks inherit, so every log line can name its request without passing the id through all functions.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/turnstile-go/turnstile/sync2"
)

// request is the id of the request that the calling goroutine works on.
var request = sync2.Local[string]{
	New:     func() string { return "no request" },
	Inherit: func(parent string) string { return parent },
}

// tagged returns the text with the id of the request.
func tagged(text string) string {
	id, _ := request.Get()
	return id + ": " + text
}

// part does a part of the work on a request. It knows nothing of requests.
func part(_ context.Context, name string) (string, error) { return tagged(name), nil }

// serve works on one request, in the pool, and returns the results of its parts.
func serve(pool *sync2.Executor, id string, parts ...string) []*sync2.Future[string] {
	request.Set(id)
	defer request.Delete()
	var all []*sync2.Future[string]
	for _, name := range parts {
		all = append(all, sync2.Submit(pool, func(ctx context.Context) (string, error) { return part(ctx, name) }))
	}
	return all
}

// run serves some requests at once, and writes their results.
func run(w io.Writer, workers int, ids ...string) {
	pool := sync2.NewExecutor(workers)
	defer pool.Shutdown()
	var all []*sync2.Future[string]
	for _, id := range ids {
		all = append(all, serve(pool, id, "user", strings.ToUpper(id))...)
	}
	all = append(all, sync2.Submit(pool, func(ctx context.Context) (string, error) { return part(ctx, "clean up") }))
	for _, f := range all {
		line, err := f.Result()
		fmt.Fprintln(w, line, err)
	}
}

func main() { run(os.Stdout, 2, "r1", "r2", "r3") }
