package sync2

import (
	"context"
	"sync/atomic"
	"weak"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// owned knows of each goroutine in which Locals it has values. It does not keep these Locals alive.
var owned slots[*possessions]

type possessions struct {
	all   []possession // in the order in which they came; what is in it does not change, but more may be appended
	known map[possession]struct{}
	prune int // how long all may become before those that are gone are taken out
}

// A possession is the calling goroutine's value in one Local.
type possession interface {
	gone() bool             // the Local is no more
	drop()                  // the value is no more
	save() (restore func()) // what puts the present value back
	inherit() (take func()) // what gives another goroutine, which calls it, its first value; nil: nothing does
}

// bequeathed is whether a Local with Inherit has ever had a value. Until then it costs no more than this to start a goroutine.
var bequeathed atomic.Bool

// own notes that the calling goroutine has a value in a Local in which it had none.
func own(p possession) {
	c := owned.find()
	if c == nil {
		hook.Locals.Store(true)
		owned.put(&possessions{all: []possession{p}, known: map[possession]struct{}{p: {}}, prune: 8})
		return
	}
	mine := c.value
	if _, known := mine.known[p]; known {
		return
	}
	if len(mine.all) >= mine.prune {
		mine.tidy()
	}
	mine.all = append(mine.all, p)
	mine.known[p] = struct{}{}
}

// tidy forgets the Locals that are gone.
func (m *possessions) tidy() {
	var left []possession
	for _, p := range m.all {
		if p.gone() {
			delete(m.known, p)
		} else {
			left = append(left, p)
		}
	}
	m.all = left
	m.prune = max(8, 2*len(m.all))
}

// ReleaseLocals drops the calling goroutine's value of every [Local]. It is for goroutines started by the go statement;
// it is not needed in goroutines started by [Go] and in tasks of an [Executor].
func ReleaseLocals() {
	c := owned.find()
	if c == nil {
		return
	}
	all := c.value.all
	owned.drop()
	dropEach(all)
}

// dropEach drops all of them, though an explorer that has given a run up ends the goroutine at the first.
func dropEach(all []possession) {
	if len(all) == 0 {
		return
	}
	defer func() { dropEach(all) }()
	for len(all) > 0 {
		p := all[0]
		all = all[1:]
		p.drop()
	}
}

// keepLocals returns a function that brings the calling goroutine's Locals back to where they stand now: what is set
// later is dropped, what is overwritten is put back.
func keepLocals() (restore func()) {
	var saved []func()
	if c := owned.find(); c != nil {
		for _, p := range c.value.all {
			saved = append(saved, p.save())
		}
	}
	return func() {
		ReleaseLocals()
		for _, put := range saved {
			put()
		}
	}
}

// inheritance returns what gives another goroutine, which calls it, what it inherits from the calling one; nil if that is
// nothing. It calls the caller's code: no lock may be held, and nothing may have changed yet.
func inheritance() (take func()) {
	if !bequeathed.Load() {
		return nil
	}
	return takeEach()
}

// takeEach is inheritance where there may be something to inherit.
func takeEach() (take func()) {
	c := owned.find()
	if c == nil {
		return nil
	}
	var takes []func()
	for _, p := range c.value.all {
		if take := p.inherit(); take != nil {
			takes = append(takes, take)
		}
	}
	if takes == nil {
		return nil
	}
	return func() { callAll(takes) }
}

// bequeath returns a function that does what fn does, in a goroutine that inherits from the calling one.
func bequeath(fn func()) func() {
	take := inheritance()
	if take == nil {
		return fn
	}
	return func() { take(); fn() }
}

// bequeathMember is bequeath for what the goroutines of a Group do.
func bequeathMember(fn func(ctx context.Context) error) func(ctx context.Context) error {
	take := inheritance()
	if take == nil {
		return fn
	}
	return func(ctx context.Context) error { take(); return fn(ctx) }
}

// bequeathAction is bequeath for a task without a result.
func bequeathAction(task func(ctx context.Context)) func(ctx context.Context) {
	take := inheritance()
	if take == nil {
		return task
	}
	return func(ctx context.Context) { take(); task(ctx) }
}

// bequeathTask is bequeath for a task.
func bequeathTask[T any](task func(ctx context.Context) (T, error)) func(ctx context.Context) (T, error) {
	take := inheritance()
	if take == nil {
		return task
	}
	return func(ctx context.Context) (T, error) { take(); return task(ctx) }
}

// weakLocal is a possession that does not keep its Local alive.
type weakLocal[T any] struct{ p weak.Pointer[Local[T]] }

func (w weakLocal[T]) gone() bool { return w.p.Value() == nil }

func (w weakLocal[T]) drop() {
	if l := w.p.Value(); l != nil {
		l.Delete()
	}
}

func (w weakLocal[T]) save() func() {
	l := w.p.Value()
	if l == nil {
		return func() {}
	}
	c := l.values.find()
	if c == nil {
		return func() {}
	}
	v := c.value
	return func() {
		if l := w.p.Value(); l != nil {
			l.Set(v)
		}
	}
}

func (w weakLocal[T]) inherit() (take func()) {
	l := w.p.Value()
	if l == nil || l.Inherit == nil {
		return nil
	}
	c := l.values.find()
	if c == nil {
		return nil
	}
	v := l.Inherit(c.value)
	return func() {
		if l := w.p.Value(); l != nil {
			l.Set(v)
		}
	}
}
