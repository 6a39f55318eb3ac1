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
	{Name: "permits", Help: "number of connections", Default: 3, Min: 1, Max: 1000},
	{Name: "jobs", Help: "number of jobs that need one", Default: 8, Min: 1, Max: 1000},
	{Name: "fails", Help: "every job whose number is a multiple of this fails", Default: 3, Min: 1, Max: 1000},
}

var _ = register(&Scenario{
	Name:     "semaphore-leak",
	Title:    "A permit is lost with each error",
	Category: CategoryClassics,
	Expect:   ExpectViolation,
	Twin:     "semaphore-leak-fixed",
	Lesson: "A job that fails returns early without giving its permit back. Nobody notices at first: the others go " +
		"on, only with one permit fewer. With each error the pool shrinks and the program gets slower, until the last " +
		"permit is gone and everything stops, long after the errors that caused it.",
	Look: "Count the permits over the turnstile. At first three jobs run at a time, after the first error two, after " +
		"the second only one, and the queue grows. At the end two permits are missing.",
	Hints: []string{
		"Compare how many jobs run at the same time at the beginning and at the end.",
		"A job takes a permit with Acquire. Check whether every return path gives it back.",
		"If the query fails, careless returns before Release. Write defer connections.Release() on the line after " +
			"Acquire.",
	},
	Params: leakParams,
	Run:    func(ctx context.Context, p Params) error { return query(ctx, p, (*database).careless) },
})

var _ = register(&Scenario{
	Name:     "semaphore-leak-fixed",
	Title:    "Errors come and go, but the permits stay",
	Category: CategoryClassics,
	Expect:   ExpectClean,
	Twin:     "semaphore-leak",
	Lesson: "Each permit goes back on every return path: defer Release is on the line after Acquire. A test can check " +
		"at the end that all permits are back; a bounded semaphore also catches the opposite mistake, a permit given " +
		"back twice.",
	Look: "The jobs that fail give their permits back as the others do. Three run at a time from first to last, and " +
		"at the end all three permits hang over the turnstile.",
	Params: leakParams,
	Run:    func(ctx context.Context, p Params) error { return query(ctx, p, (*database).careful) },
})

// A database can be queried over a few connections at the same time.
type database struct {
	connections *sync2.Semaphore
	ask         func(job int) error
}

// careless is the obvious first version: an error is returned at once, and only success reaches the rest.
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

// careful gives the connection back whether the query succeeds or not.
func (d *database) careful(ctx context.Context, job int) error {
	if err := d.connections.AcquireContext(ctx); err != nil {
		return err // as above
	}
	defer d.connections.Release()
	return d.ask(job)
}

// query lets jobs query a database with a limited number of connections. Some of them fail.
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
