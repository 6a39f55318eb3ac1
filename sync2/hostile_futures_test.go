package sync2_test

import (
	"context"

	"github.com/turnstile-go/turnstile/sync2"
)

// futureVerbs returns the verbs of queues, futures and executors that wait until a context ends.
func futureVerbs() []contextVerb {
	verbs := []contextVerb{
		{"Future.ResultContext", resultRig},
		{"Executor.ShutdownContext", shutdownRig},
		{"WaitAll", func() rig { return waitRig(sync2.WaitAll[int]) }},
		{"WaitAny", func() rig { return waitRig(sync2.WaitAny[int]) }},
		{"WaitFirstError", func() rig { return waitRig(sync2.WaitFirstError[int]) }},
		{"AsCompleted", func() rig {
			return waitRig(func(ctx context.Context, fs ...*sync2.Future[int]) (_, _ []*sync2.Future[int], err error) {
				for _, err = range sync2.AsCompleted(ctx, fs...) {
				}
				return nil, nil, err
			})
		}},
	}
	for _, make := range []func() *sync2.Queue[int]{
		func() *sync2.Queue[int] { return sync2.NewQueue[int](1) },
		func() *sync2.Queue[int] { return sync2.NewPriorityQueue(1, func(a, b int) int { return a - b }) },
	} {
		verbs = append(verbs,
			contextVerb{"Queue.PutContext", func() rig { return putRig(make()) }},
			contextVerb{"Queue.GetContext", func() rig { return getRig(make()) }},
			contextVerb{"Queue.JoinContext", func() rig { return joinRig(make()) }})
	}
	return verbs
}

func lookAt(q *sync2.Queue[int]) { q.Len(); q.Cap(); q.Unfinished(); q.Waiting(); q.JoinTimeout(0) }

func putRig(q *sync2.Queue[int]) rig {
	return rig{
		call: func(ctx context.Context) error {
			err := q.PutContext(ctx, 1)
			if err == nil {
				_, err = q.Get()
			}
			return err
		},
		touch: func() { lookAt(q); q.TryPut(0) },
		block: func() { q.TryPut(0) },
		free:  func() { _, _ = q.Get() },
		calls: func() int { p, _ := q.Waiting(); return p },
	}
}

func getRig(q *sync2.Queue[int]) rig {
	_ = q.Put(1)
	return rig{
		call: func(ctx context.Context) error {
			_, err := q.GetContext(ctx)
			if err == nil {
				err = q.Put(1)
			}
			return err
		},
		touch: func() {
			lookAt(q)
			if v, ok := q.TryGet(); ok {
				_ = q.Put(v)
			}
		},
		block: func() { q.TryGet() },
		free:  func() { _ = q.Put(1) },
		calls: func() int { _, g := q.Waiting(); return g },
	}
}

func joinRig(q *sync2.Queue[int]) rig {
	return rig{
		call:  q.JoinContext,
		touch: func() { lookAt(q); q.TryPut(1) },
		block: func() { q.TryPut(1) },
		free: func() {
			if n := q.Discard(); n == 0 {
				panic("nothing was unfinished")
			}
		},
	}
}

func resultRig() rig {
	p := sync2.NewPromise[int]()
	return rig{
		call: func(ctx context.Context) error {
			_, err := p.Future().ResultContext(ctx)
			return err
		},
		touch: func() { p.Future().State(); p.Future().Done(); _, _ = p.Future().ResultTimeout(0) },
		free:  func() { p.Succeed(1) },
		calls: p.Future().Waiting,
		keeps: true,
	}
}

func waitRig(wait func(context.Context, ...*sync2.Future[int]) (done, pending []*sync2.Future[int], err error)) rig {
	p := sync2.NewPromise[int]()
	return rig{
		call: func(ctx context.Context) error {
			_, _, err := wait(ctx, p.Future())
			return err
		},
		touch: func() { p.Future().State(); p.Future().Done(); p.Future().OnDone(func(*sync2.Future[int]) {}) },
		free:  func() { p.Succeed(1) },
	}
}

func shutdownRig() rig {
	var end sync2.Event
	e := sync2.NewExecutor(1)
	f := sync2.Submit(e, func(context.Context) (int, error) { end.Wait(); return 1, nil })
	return rig{
		call:  e.ShutdownContext,
		touch: func() { e.Workers(); e.Queued(); e.ShutdownTimeout(0); f.State() },
		free:  end.Set,
	}
}
