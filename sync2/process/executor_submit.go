package process

import (
	"context"
	"errors"
	"iter"

	"github.com/turnstile-go/turnstile/sync2"
)

// Submit submits a task to e that calls fn with in in a worker, and returns its Future. The Future is settled with the
// result of fn, with the error that fn returned, as a [RemoteError], or with a [sync2.PanicError] that has the worker's
// stack. Submit does not wait; tasks are queued in order while no worker is free.
//
// The context of the task ends when its Future is canceled, or when [Executor.Cancel] is called.
//
// If e no longer accepts tasks, the returned Future has already failed, with [sync2.ErrShutdown] or a
// [sync2.BrokenError]. If in or the result cannot be encoded, it fails with an [EncodingError]. Submit panics if e is
// nil or fn was not made by [Register].
func Submit[In, Out any](e *Executor, fn Func[In, Out], in In) *sync2.Future[Out] {
	if err := e.check("Submit", fn.f); err != nil {
		return failed[Out](err)
	}
	return sync2.Submit(e.inner, func(ctx context.Context) (Out, error) { return do[In, Out](ctx, e, fn.f, in) })
}

// TrySubmit is like [Submit], but returns nil and false if e no longer accepts tasks.
func TrySubmit[In, Out any](e *Executor, fn Func[In, Out], in In) (*sync2.Future[Out], bool) {
	if e.check("TrySubmit", fn.f) != nil || e.ending.Load() {
		return nil, false
	}
	return Submit(e, fn, in), true
}

// check panics if f cannot be used with e, and returns an error if e takes no more tasks.
func (e *Executor) check(op string, f *function) error {
	switch {
	case e == nil || e.inner == nil:
		misuse(op, "the executor was not made by NewExecutor")
	case f == nil:
		misuse(op, "the function was not made by Register")
	}
	sameRun(op, e.run)
	return e.workers.failure()
}

func failed[T any](err error) *sync2.Future[T] {
	p := sync2.NewPromise[T]()
	p.Fail(err)
	return p.Future()
}

// Map returns an iterator that runs fn in e for each value of in and yields the results in the order of the inputs. An
// input whose task fails yields its error, and the iteration continues.
//
// Map is lazy: it takes inputs and submits their tasks as the results are read, and stays ahead of the reader by at
// most the number of workers of e, or the number given to [sync2.WithBuffer]. When the reader stops early, tasks that
// have not started are canceled.
func Map[In, Out any](e *Executor, in iter.Seq[In], fn Func[In, Out], opts ...sync2.MapOption) iter.Seq2[Out, error] {
	_ = e.check("Map", fn.f)
	return sync2.Map(e.inner, in, func(ctx context.Context, in In) (Out, error) { return do[In, Out](ctx, e, fn.f, in) }, opts...)
}

// do runs a task in the worker of the calling goroutine's seat.
func do[In, Out any](ctx context.Context, e *Executor, f *function, in In) (out Out, err error) {
	if f.in.err != nil {
		return out, f.in.err
	}
	s := e.workers.mySeat()
	c, err := s.ready()
	if err != nil {
		return out, err
	}
	returned := false
	defer func() {
		if !returned {
			e.workers.rise(s, c)
		}
	}()
	out, err = exchange[In, Out](ctx, e, c, f, in)
	returned = true
	if int(c.task) == e.options.maxTasks {
		c.bye()
		e.workers.fill(s, c)
	}
	return out, err
}

// exchange gives a task to a worker, and waits for its reply.
func exchange[In, Out any](ctx context.Context, e *Executor, c *child, f *function, in In) (out Out, err error) {
	c.task++
	id := c.task
	head := taskHead{traced: c.session(), deadline: e.deadline(ctx), name: f.name}
	cancel := func() {
		_ = c.conn.send(kindCancel, 0, id, nil, encodeError(context.Background(), context.Cause(ctx)))
		c.stir()
	}
	if c.run == nil {
		stop := context.AfterFunc(ctx, cancel)
		defer stop()
	}
	c.asked()
	if err := sendValue(c.conn, &c.enc, &f.in, kindTask, c.dec.renew(), id, head.encode(), &in); err != nil {
		if _, ok := errors.AsType[*EncodingError](err); ok {
			c.owed.Add(-1)
			return out, err
		}
		await(c, "wait for the end of", func() bool { return closed(c.gone) })
		<-c.gone
		return out, e.workers.died(c)
	}
	if c.run != nil {
		c.awaitReply(ctx, cancel)
	}
	var m *message
	select {
	case m = <-c.reply:
	case <-c.gone:
		select {
		case m = <-c.reply:
		default:
			return out, e.workers.died(c)
		}
	}
	if m.flags&flagRenew != 0 {
		c.enc.gob = nil
	}
	if m.flags&flagError != 0 {
		err = decodeError(m, c.name, c.pid, context.Cause(ctx))
	} else {
		out, err = receiveValue[Out](&c.dec, &f.out, m)
	}
	return out, err
}

// deadline returns when ctx or the executor's context will end, 0 if that is not known.
func (e *Executor) deadline(ctx context.Context) int64 {
	t, ok := ctx.Deadline()
	if e.options.ctx != nil {
		if t2, ok2 := e.options.ctx.Deadline(); ok2 && (!ok || t2.Before(t)) {
			t, ok = t2, true
		}
	}
	if !ok {
		return 0
	}
	return t.UnixNano()
}
