package sync2

import "weak"

// owned knows of each goroutine in which Locals it has values. It does not keep these Locals alive.
var owned slots[*possessions]

type possessions struct {
	all   map[possession]struct{}
	prune int // how long all may become before those that are gone are taken out
}

// A possession is the calling goroutine's value in one Local.
type possession interface {
	gone() bool             // the Local is no more
	drop()                  // the value is no more
	save() (restore func()) // what puts the present value back
}

// own notes that the calling goroutine has a value in a Local in which it had none.
func own(p possession) {
	c := owned.find()
	if c == nil {
		owned.put(&possessions{all: map[possession]struct{}{p: {}}, prune: 8})
		return
	}
	mine := c.value
	if len(mine.all) >= mine.prune {
		mine.tidy()
	}
	mine.all[p] = struct{}{}
}

// tidy forgets the Locals that are gone.
func (m *possessions) tidy() {
	for p := range m.all {
		if p.gone() {
			delete(m.all, p)
		}
	}
	m.prune = max(8, 2*len(m.all))
}

// ReleaseLocals drops the calling goroutine's value of every [Local]. It is for goroutines that were started by the go
// statement; those of [Go] and the tasks of an [Executor] do it by themselves.
func ReleaseLocals() {
	c := owned.find()
	if c == nil {
		return
	}
	for p := range c.value.all {
		p.drop()
	}
	owned.drop()
}

// keepLocals returns a function that brings the calling goroutine's Locals back to where they stand now: what is set
// later is dropped, what is overwritten is put back.
func keepLocals() (restore func()) {
	var saved []func()
	if c := owned.find(); c != nil {
		for p := range c.value.all {
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
