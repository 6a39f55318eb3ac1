package scenarios

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var leakParams = []Param{
	{Name: "permits", Help: "how many connections there are", Default: 3, Min: 1, Max: 1000},
	{Name: "jobs", Help: "how many need one", Default: 8, Min: 1, Max: 1000},
	{Name: "fails", Help: "which jobs fail: each whose number is a multiple of this", Default: 3, Min: 1, Max: 1000},
}

var _ = register(&Scenario{
	Name:     "semaphore-leak",
	Title:    "A permit is lost with each error",
	Category: CategoryClassics,
	Expect:   ExpectViolation,
	Twin:     "semaphore-leak-fixed",
	Lesson: "A job that fails returns early and does not give its permit back. Nobody notices at first: the others " +
		"go on, only with one permit fewer. With each error the pool gets narrower and the program slower, until " +
		"the last permit is gone and everything stops, long after the error that did it.",
	Look: "Count the permits over the turnstile. At first three jobs run at a time; after the first error two, " +
		"after the second one, and the queue before it grows. At the end two permits are missing.",
	Hints: []string{
		"Compare how many jobs run at the same time at the beginning and at the end.",
		"A job takes a permit with Acquire. Look whether it gives it back on every way out.",
		"Where the query fails, careless returns before Release. Write defer connections.Release() in the line " +
			"after Acquire.",
	},
	Params: leakParams,
	Run:    func(ctx context.Context, p Params) error { return query(ctx, p, (*database).careless) },
})

var _ = register(&Scenario{
	Name:     "semaphore-leak-fixed",
	Title:    "Errors come and go, the permits stay",
	Category: CategoryClassics,
	Expect:   ExpectClean,
	Twin:     "semaphore-leak",
	Lesson: "Each permit goes back on the way out, whichever way that is: defer Release stands in the line after " +
		"Acquire. A test for it asks at the end whether all permits are there again; a bounded semaphore also " +
		"notices the opposite mistake, a permit that is given back twice.",
	Look: "The jobs that fail give their permits back as the others do. Three run at a time from the first to the " +
		"last, and at the end all three permits hang over the turnstile.",
	Params: leakParams,
	Run:    func(ctx context.Context, p Params) error { return query(ctx, p, (*database).careful) },
})

// A database can be asked through a few connections at the same time.
type database struct {
	connections *sync2.Semaphore
	ask         func(job int) error
}

// careless is what one writes at first: errors are dealt with at once, and everything else where it all went well.
func (d *database) careless(ctx context.Context, job int) error {
	if err := d.connections.AcquireContext(ctx); err != nil {
		return err // it is the cause of ctx
	}
	if err := d.ask(job); err != nil {
		return err
	}
	d.connections.Release()
	return nil
}

// careful gives the connection back whatever comes of it.
func (d *database) careful(ctx context.Context, job int) error {
	if err := d.connections.AcquireContext(ctx); err != nil {
		return err // as above
	}
	defer d.connections.Release()
	return d.ask(job)
}

// query lets jobs ask something of a database, to which the number of connections is limited. Some of them fail.
func query(ctx context.Context, p Params, run func(d *database, ctx context.Context, job int) error) error {
	permits, jobs, fails := p.Int("permits"), p.Int("jobs"), p.Int("fails")
	errSyntax := errors.New("syntax error")
	d := &database{connections: sync2.NewBoundedSemaphore(permits)}
	trace.Name(d.connections, "connections")
	d.ask = func(job int) error {
		p.Pause(ctx, 3*time.Second*time.Duration(min(permits, jobs))/time.Duration(jobs))
		if job%fails == 0 {
			return errSyntax
		}
		return nil
	}

	errs := make([]error, jobs)
	all := start(jobs, "job", func(i int) {
		p.Pause(ctx, spread(600*time.Millisecond, i, jobs))
		if errs[i] = run(d, ctx, i+1); errs[i] != nil {
			trace.Log("fails: %v", errs[i])
		}
	})
	all.Join()

	for i, err := range errs {
		if failed := errors.Is(err, errSyntax); failed != ((i+1)%fails == 0) {
			return fmt.Errorf("job %d should not have ended with: %w", i+1, err)
		}
	}
	if back := d.connections.Available(); back != permits {
		return fmt.Errorf("%d of %d connections are back: %d are lost", back, permits, permits-back)
	}
	return nil
}
