package explore

import (
	"context"
	"errors"

	"github.com/turnstile-go/turnstile/sync2"
)

// queuedSubjects are subjects with waits for room.
var queuedSubjects = []subject{
	{
		name:  "Executor with a queue",
		pairs: true,
		make:  func(w *world) { w.pool = sync2.NewExecutor(1, sync2.WithQueue(0)) },
		scripts: map[string]func(*world){
			"Submit": func(w *world) { w.submitted(w.submit().Result()) },
			"SubmitContext": func(w *world) {
				f := sync2.SubmitContext(w.ctx, w.pool, func(context.Context) (int, error) { return 7, nil })
				w.submitted(f.Result())
			},
			"TrySubmit": func(w *world) {
				if f, ok := sync2.TrySubmit(w.pool, func(context.Context) (int, error) { return 7, nil }); ok {
					w.submitted(f.Result())
				}
			},
			"Resize":   func(w *world) { w.pool.Resize(2) },
			"Shutdown": func(w *world) { w.pool.Shutdown() },
			"Cancel":   func(w *world) { w.pool.Cancel(errPurpose) },
		},
		check: func(w *world) {
			w.pool.Shutdown()
			w.e.Check(w.pool.Workers() == 0 && w.pool.Queued() == 0 && w.pool.Running() == 0, "%d workers, %d tasks are left, %d run", w.pool.Workers(), w.pool.Queued(), w.pool.Running())
		},
	},
	{
		name:  "Executor with a context",
		pairs: true,
		make:  func(w *world) { w.pool = sync2.NewExecutor(1, sync2.WithContext(w.ctx)) },
		scripts: map[string]func(*world){
			"Submit": func(w *world) { w.submitted(w.submit().Result()) },
			"Submit, Cancel": func(w *world) {
				f := w.submit()
				canceled := f.Cancel()
				_, err := f.Result()
				w.e.Check(!canceled || errors.Is(err, sync2.ErrCanceled), "canceled, and it has the error %v", err)
			},
			"Shutdown": func(w *world) { w.pool.Shutdown() },
		},
		check: func(w *world) {
			w.pool.Shutdown()
			w.e.Check(w.pool.Workers() == 0, "%d workers are left", w.pool.Workers())
		},
	},
	{
		name: "Queue with Requeue",
		wide: true,
		make: func(w *world) {
			w.queue = sync2.NewQueue[int](1)
			w.put(w.queue.Put(1))
		},
		scripts: map[string]func(*world){
			"Get, Requeue": func(w *world) {
				if v, err := w.queue.GetTimeout(soon); err == nil && w.queue.Requeue(v) != nil {
					w.got(nil)
				}
			},
			"PutTimeout": func(w *world) { w.put(w.queue.PutTimeout(soon, 1)) },
			"GetContext": func(w *world) { _, err := w.queue.GetContext(w.ctx); w.got(err) },
			"Close":      func(w *world) { w.queue.Close() },
		},
		check: func(w *world) {
			w.e.Check(int64(w.queue.Len()) == w.total.Load(), "%d in the queue, want %d", w.queue.Len(), w.total.Load())
			w.e.Check(int64(w.queue.Unfinished()) == w.total.Load(), "%d unfinished, want %d", w.queue.Unfinished(), w.total.Load())
		},
	},
}
