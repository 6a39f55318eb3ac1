// Command retry lets producers and consumers work on jobs that may fail: a failed job is retried later, a few times, and a signal
// stops the program gracefully, with a report of what was not done.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync/atomic"

	"github.com/turnstile-go/turnstile/sync2"
)

// A job is something to be done, and how often that has failed.
type job struct {
	name   string
	failed int
}

// An account says what became of the jobs.
type account struct{ done, givenUp, left atomic.Int64 }

// work gives the jobs to the given number of workers, who try each up to tries times. When ctx ends, what has begun is ended, and what has not
// is left.
func work(ctx context.Context, workers, tries int, jobs []string, do func(job) error) *account {
	queue, a := sync2.NewQueue[job](4), new(account)
	group := sync2.NewGroup(ctx)
	group.Go("producer", func(ctx context.Context) error {
		defer queue.Close()
		for i, name := range jobs {
			if err := queue.PutContext(ctx, job{name: name}); err != nil {
				a.left.Add(int64(len(jobs) - i))
				return err
			}
		}
		return queue.JoinContext(ctx) // before Close: a job that is put back is one of those
	})
	for i := range workers {
		group.Go(fmt.Sprintf("worker-%d", i+1), func(ctx context.Context) error {
			for j := range queue.All() {
				switch {
				case ctx.Err() != nil:
					a.left.Add(1)
				case do(j) == nil:
					a.done.Add(1)
				case j.failed+1 == tries:
					a.givenUp.Add(1)
				default:
					j.failed++
					if queue.Requeue(j) != nil { // it never waits, as a Put into one's own full Queue would, forever
						a.left.Add(1)
					}
				}
			}
			return nil
		})
	}
	_ = group.Wait() // why it has ended is ctx's to say
	return a
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	jobs := []string{"ann", "ben", "carl", "dora", "emil", "fay"}
	a := work(ctx, 2, 3, jobs, func(j job) error {
		if len(j.name) == 4 && j.failed < 2 || j.name == "ben" {
			return errors.New("not now")
		}
		fmt.Printf("%s, after %d failures\n", j.name, j.failed)
		return nil
	})
	fmt.Printf("%d done, %d given up, %d left\n", a.done.Load(), a.givenUp.Load(), a.left.Load())
}
