package scenarios

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/process"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "process-clients",
	Title:    "Pages fetched by goroutines, and by processes",
	Category: CategoryProcesses,
	Programs: []int{19, 20, 25, 97},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "Work that mostly waits gains nothing from processes: goroutines wait just as well, at a hundredth of the " +
		"price. The two pools have the same interface, so it is easy to replace one by the other. What goes to a process " +
		"is a copy: an address to connect to can be sent; a connection, a function or a channel cannot, and trying is an " +
		"error before anything is sent.",
	Look: "First goroutines fetch the pages, then processes do, and each page shows the pid of its client. The times " +
		"are much the same. A task with a channel in its argument is refused.",
	Params: []Param{
		{Name: "pages", Help: "number of pages", Default: 8, Min: 1, Max: 200},
		{Name: "clients", Help: "number of goroutines, then of processes, that fetch them", Default: 4, Min: 1, Max: 20},
	},
	Run: runProcessClients,
})

var fetchPage = process.Register("fetch-page", func(ctx context.Context, url string) (report, error) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	body, err := fetchURL(ctx, client, url)
	return report{Name: process.Current().Name(), Pid: os.Getpid(), Text: body}, err
})

var takeChannel = process.Register("take-channel", func(context.Context, chan int) (int, error) { return 0, nil })

func runProcessClients(ctx context.Context, p Params) error {
	pages, clients := p.Int("pages"), p.Int("clients")
	unit := 2400 * time.Millisecond * time.Duration(min(clients, pages)) / time.Duration(2*pages)
	url, _, stop, err := serveHTTP(ctx, func(w http.ResponseWriter, r *http.Request) {
		p.Pause(r.Context(), unit)
		_, _ = fmt.Fprintf(w, "this is %s", r.URL.Path) //nolint:gosec // plain text, which only this program reads
	})
	if err != nil {
		return err
	}
	defer stop()
	address := func(i int) string { return fmt.Sprintf("%s/page/%d", url, i+1) }
	check := func(i int, r report, err error) error {
		if want := fmt.Sprintf("this is /page/%d", i+1); err != nil || r.Text != want {
			return errors.Join(fmt.Errorf("page %d is %q, want %q", i+1, r.Text, want), err)
		}
		trace.Log("page %d, fetched by pid %d", i+1, r.Pid)
		return nil
	}
	var errs []error

	goroutines := sync2.NewExecutor(clients, sync2.WithName("goroutine"))
	defer goroutines.Shutdown()
	trace.Name(goroutines, "goroutines")
	begin := time.Now()
	var futures []*sync2.Future[report]
	for i := range pages {
		futures = append(futures, sync2.Submit(goroutines, func(ctx context.Context) (report, error) {
			return fetchPage.Call(ctx, address(i))
		}))
	}
	for i, f := range futures {
		r, err := f.ResultContext(ctx)
		errs = append(errs, check(i, r, err))
	}
	trace.Log("%d goroutines: %v", clients, time.Since(begin).Round(time.Millisecond))

	processes := process.NewExecutor(clients, process.WithName("process"), process.WithContext(ctx))
	defer processes.Shutdown()
	begin = time.Now()
	addresses := func(yield func(string) bool) {
		for i := 0; i < pages && yield(address(i)); i++ {
		}
	}
	i := 0
	for r, err := range process.Map(processes, addresses, fetchPage) {
		errs = append(errs, check(i, r, err))
		i++
	}
	trace.Log("%d processes, including their start: %v", clients, time.Since(begin).Round(time.Millisecond))

	// Not everything can be sent.
	_, err = process.Submit(processes, takeChannel, make(chan int)).ResultContext(ctx)
	trace.Log("a channel: %v", err)
	if _, ok := errors.AsType[*process.EncodingError](err); !ok {
		errs = append(errs, errors.New("a channel should not have been sent"), err)
	}
	return errors.Join(errs...)
}
