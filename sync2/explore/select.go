package explore

import "github.com/turnstile-go/turnstile/sync2/internal/hook"

// A Case is one case of a [Select]: [Chan.SendCase] or [Chan.RecvCase].
type Case interface {
	core() *core
	ready() bool
	now()
	enlist(w *waiting, i int)
	finish()
}

// Select is the select statement: it waits until one of the cases can go on, does it, and returns its place among them.
// If several can, the explorer tries each. It panics without cases.
//
//go:norace
func Select(e *E, cases ...Case) int {
	if len(cases) == 0 {
		panic("explore: Select: there must be a case")
	}
	t := selectPoint(e, cases, false)
	if i := int(t.alt); cases[i].ready() {
		cases[i].now()
		return i
	}
	c := cases[0].core()
	w := &waiting{t: t, core: c}
	for i, k := range cases {
		k.enlist(w, i)
	}
	c.park(t, "Select")
	cases[w.i].finish()
	return w.i
}

// TrySelect is the select statement with a default: it returns -1 if no case can go on.
//
//go:norace
func TrySelect(e *E, cases ...Case) int {
	t := selectPoint(e, cases, true)
	if i := int(t.alt); i < len(cases) && cases[i].ready() {
		cases[i].now()
		return i
	}
	return -1
}

// selectPoint waits until it is the turn of a select, and returns the task, whose alternative is the case to be done
// if any is ready.
//
//go:norace
func selectPoint(e *E, cases []Case, try bool) *task {
	t := taskOf(e.x, "Select")
	p := &selection{cases: cases}
	t.obj, t.verb, t.alts, t.joins, t.ready = nil, "Select", max(len(cases)-1, 0), nil, p.ready
	if try {
		t.verb = "TrySelect"
	}
	t.uses = make([]hook.Object, len(cases))
	for i, k := range cases {
		t.uses[i] = k.core()
	}
	t.point()
	for _, k := range cases {
		k.core().began(t.verb)
	}
	return t
}

type selection struct{ cases []Case }

// ready reports whether the alternative can be chosen: its case is ready, or none is and it is the first.
//
//go:norace
func (s *selection) ready(alt int) bool {
	if len(s.cases) == 0 {
		return true
	}
	if s.cases[alt].ready() {
		return true
	}
	if alt > 0 {
		return false
	}
	for _, k := range s.cases {
		if k.ready() {
			return false
		}
	}
	return true
}

type sendCase[T any] struct {
	c *Chan[T]
	v T
	o *offer[T]
}

// SendCase is the case of a [Select] that sends v.
func (c *Chan[T]) SendCase(v T) Case { return &sendCase[T]{c: c, v: v} }

func (s *sendCase[T]) core() *core { return &s.c.core }

//go:norace
func (s *sendCase[T]) ready() bool { return s.c.sendReady() }

//go:norace
func (s *sendCase[T]) now() { s.c.sendNow(s.v) }

//go:norace
func (s *sendCase[T]) enlist(w *waiting, i int) {
	s.o = &offer[T]{wait: w, i: i, v: s.v}
	s.c.senders = append(s.c.senders, s.o)
}

//go:norace
func (s *sendCase[T]) finish() { s.c.sent(s.o) }

type recvCase[T any] struct {
	c  *Chan[T]
	v  *T
	ok *bool
	o  *offer[T]
}

// RecvCase is the case of a [Select] that receives into v, and into ok whether it was a value that had been sent.
// Either may be nil.
func (c *Chan[T]) RecvCase(v *T, ok *bool) Case { return &recvCase[T]{c: c, v: v, ok: ok} }

func (r *recvCase[T]) core() *core { return &r.c.core }

//go:norace
func (r *recvCase[T]) ready() bool { return r.c.recvReady() }

//go:norace
func (r *recvCase[T]) now() { r.set(r.c.recvNow()) }

//go:norace
func (r *recvCase[T]) enlist(w *waiting, i int) {
	r.o = &offer[T]{wait: w, i: i}
	r.c.readers = append(r.c.readers, r.o)
}

//go:norace
func (r *recvCase[T]) finish() { r.set(r.o.v, r.o.ok) }

//go:norace
func (r *recvCase[T]) set(v T, ok bool) {
	if r.v != nil {
		*r.v = v
	}
	if r.ok != nil {
		*r.ok = ok
	}
}
