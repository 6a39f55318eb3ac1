package sync2

import (
	"context"
	"sync/atomic"
	"weak"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// owned records in which Locals each goroutine has values. It does not keep the Locals alive.
var owned slots[*possessions]

type possessions struct {
	all   []possession // in order; entries do not change, but more may be appended
	known map[possession]struct{}
	prune int // the length of all at which unreachable Locals are removed
}

// A possession is the calling goroutine's value in one Local.
type possession interface {
	gone() bool             // reports whether the Local is unreachable
	drop()                  // drops the value
	save() (restore func()) // restore puts the current value back
	inherit() (take func()) // take gives the goroutine that calls it its first value; nil if it inherits none
}

// bequeathed is set when a Local with Inherit has its first value. Until then, starting a goroutine costs no more than checking it.
var bequeathed atomic.Bool

// own notes that the calling goroutine now has a value in a Local.
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

// tidy removes unreachable Locals.
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

// dropEach drops all of them, even if an explorer that has abandoned the run ends the goroutine at the first.
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

// keepLocals returns a function that restores the current values of the calling goroutine's Locals: it drops values that are set
// later, and puts back values that are overwritten.
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

// inheritance returns a function that sets what a goroutine inherits from the calling one, for that goroutine to call; nil if it
// inherits nothing. It calls the caller's code, so no lock may be held and nothing may have changed yet.
func inheritance() (take func()) {
	if !bequeathed.Load() {
		return nil
	}
	return takeEach()
}

// takeEach is inheritance if there may be something to inherit.
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

// bequeathMember is bequeath for the functions of a Group.
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
