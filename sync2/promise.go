package sync2

import (
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Promise is the writing end of a [Future] that is settled by its owner rather than by a task.
//
// A Promise is made by [NewPromise] and must not be copied. Any goroutine may settle it. Its Future can be canceled
// until it is settled.
type Promise[T any] struct{ f Future[T] }

// NewPromise returns an unsettled promise.
func NewPromise[T any]() *Promise[T] {
	p := new(Promise[T])
	p.f.made = true
	p.f.state.Store(int32(Pending))
	p.f.lock("NewPromise")
	p.f.q.Emit(trace.KindSubmit, 0)
	p.f.q.Unlock()
	return p
}

// Future returns the future that p settles. Every call returns the same future.
func (p *Promise[T]) Future() *Future[T] {
	p.check("Future")
	return &p.f
}

// Succeed settles the future with the value v, and reports whether it did. If the future is already settled or
// canceled, Succeed does nothing and returns false.
//
// A call that settles the future “synchronizes before” the return of every Result.
func (p *Promise[T]) Succeed(v T) bool {
	p.check("Succeed")
	return p.f.settle(Pending, v, nil)
}

// Fail settles the future with the error err, and reports whether it did. If the future is already settled or canceled,
// Fail does nothing and returns false. Fail panics if err is nil.
//
// A call that settles the future “synchronizes before” the return of every Result.
func (p *Promise[T]) Fail(err error) bool {
	p.check("Fail")
	if err == nil {
		misuse("Promise.Fail", "the error is nil")
	}
	var none T
	return p.f.settle(Pending, none, err)
}

// check panics if p is nil or a zero value.
func (p *Promise[T]) check(verb string) {
	if p == nil || !p.f.made {
		misuseZero("Promise."+verb, "NewPromise")
	}
}
