package sync2

import (
	"context"
	"iter"
)

// A MapOption configures [Map].
type MapOption func(*mapping)

type mapping struct {
	ahead int // number of inputs taken beyond the one whose result the reader waits for
}

// WithBuffer limits [Map] to n inputs ahead of its reader. With n == 0, only the input whose result the reader waits
// for is submitted. WithBuffer panics if n is negative.
func WithBuffer(n int) MapOption {
	if n < 0 {
		misusef("WithBuffer", "a buffer of %d; must not be negative", n)
	}
	return func(m *mapping) { m.ahead = n }
}

// Map returns an iterator that runs task in e for each value of in and yields the results in the order of the inputs.
// An input whose task fails yields its error, a [PanicError] if the task panicked, and the iteration continues.
//
// Map is lazy: it takes inputs and submits their tasks as the results are read, and stays ahead of the reader by at
// most the number of workers of e, or the number given to [WithBuffer]. Inputs are taken in the reader's goroutine,
// before it waits for the next result. When the reader stops early, or the reader or in panics, tasks that have not
// started are canceled and the contexts of running tasks end.
//
// Each range over the iterator starts from the beginning. If e no longer accepts tasks, each input yields
// [ErrShutdown], or the [BrokenError] of e. Map panics if e, in, task or an option is nil.
//
// The end of the task for an input “synchronizes before” the iteration that yields its result.
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
			for i := flight.count - 1; i >= 0; i-- { // the last one first, so that no worker becomes free for another
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
