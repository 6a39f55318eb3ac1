package sync2

import (
	"context"
	"iter"
)

// A MapOption changes what [Map] does.
type MapOption func(*mapping)

type mapping struct {
	ahead int // inputs taken beyond the one whose result the reader waits for
}

// WithBuffer makes [Map] take at most n inputs ahead of its reader. 0 means only the input whose result the reader waits
// for. WithBuffer panics if n is less than 0.
func WithBuffer(n int) MapOption {
	if n < 0 {
		misusef("WithBuffer", "a buffer of %d; must not be negative", n)
	}
	return func(m *mapping) { m.ahead = n }
}

// Map runs task for each input in e, and returns an iterator over the results, in the order of the inputs. An input whose
// task fails yields its own error, a [PanicError] if it panicked, and the iteration goes on.
//
// Nothing happens before somebody reads. Then Map takes inputs and submits their tasks as the reader comes along: at
// most as many ahead of it as e has workers, or as [WithBuffer] says. Inputs are taken in the reader's goroutine, before
// it waits for the next result. When the reader stops early, or panics, or in does, what has not started is canceled
// and the contexts of the tasks that run end.
//
// Each range over the iterator is an iteration of its own. If e takes no more tasks, each input yields [ErrShutdown], or
// the [BrokenError] of e. Map panics if e, in, task or an option is nil.
//
// What the task did for an input “synchronizes before” the turn in which its result is yielded.
func Map[In, Out any](e *Executor, in iter.Seq[In], task func(context.Context, In) (Out, error), opts ...MapOption) iter.Seq2[Out, error] {
	e.check("Map")
	switch {
	case in == nil:
		misuse("Map", "the sequence is nil")
	case task == nil:
		misuse("Map", "the task is nil")
	}
	m := mapping{ahead: e.most()}
	for i, opt := range opts {
		if opt == nil {
			misusef("Map", "option %d is nil", i)
		}
		opt(&m)
	}
	return func(yield func(Out, error) bool) {
		var flight buffer[*Future[Out]]
		defer func() {
			for i := flight.count - 1; i >= 0; i-- { // the last first, so that no worker gets free for another
				flight.at(i).value.Cancel()
			}
		}()
		for v := range in {
			f := Submit(e, func(ctx context.Context) (Out, error) { return task(ctx, v) })
			flight.add(item[*Future[Out]]{value: f})
			if flight.count > m.ahead && !yield(flight.take().value.Result()) {
				return
			}
		}
		for flight.count > 0 {
			if !yield(flight.take().value.Result()) {
				return
			}
		}
	}
}
