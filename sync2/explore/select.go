package explore

import (
	"context"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Case is one case of a [Select]: [Chan.SendCase], [Chan.RecvCase] or [DoneCase].
type Case interface {
	core() *core
	verb() string        // "Send" or "Recv" at a channel, "" otherwise
	uses() []hook.Object // the objects it reads
	ready() bool
	now()
	enlist(w *waiting, i int)
	finish()
}

// Select is the mock of the select statement: it waits until one of the cases can proceed, executes it, and returns its
// index. If several cases can proceed, the explorer tries each of them. Select panics if there are no cases, or more
// than one [DoneCase]; to wait for two contexts, merge them into one.
//
//go:norace
func Select(e *E, cases ...Case) int {
	if len(cases) == 0 {
		panic("explore: Select: no cases")
	}
	t := selectPoint(e, cases, false)
	if i := int(t.Alt); cases[i].ready() {
		cases[i].now()
		return i
	}
	c := cases[0].core()
	w := &waiting{t: t, core: c}
	if hook.On(hook.Trace) {
		w.core = tellCases(e, t, cases)
	}
	for i, k := range cases {
		k.enlist(w, i)
	}
	if !c.parkUntil(t, "Select", w.ctx, w.core) { // then the channels forget it
		w.done, w.i = true, w.ended
	}
	cases[w.i].finish()
	return w.i
}

// tellCases tells a running trace what t is about to wait for, and returns where that is.
//
//go:norace
func tellCases(e *E, t *engine.Task, cases []Case) *core {
	sel, _ := t.Selects.(*core)
	if sel == nil {
		sel = new(core)
		sel.e, sel.name, sel.kind = e, "select of "+t.Name, uint32(trace.ClassSelect)
		t.Selects = sel
	}
	sel.define()
	for i, k := range cases {
		what := "receive"
		if k.verb() == "Send" {
			what = "send"
		}
		k.core().emit(trace.Event{Kind: trace.KindWatch, Peer: int64(sel.obj.ID()), N: int64(i + 1), Text: what})
	}
	return sel
}

// TrySelect is the mock of a select statement with a default case: it returns -1 if no case can proceed. It panics in
// the same cases as [Select].
//
//go:norace
func TrySelect(e *E, cases ...Case) int {
	t := selectPoint(e, cases, true)
	if i := int(t.Alt); i < len(cases) && cases[i].ready() {
		cases[i].now()
		return i
	}
	return -1
}

// selectPoint waits for the turn of a select, and returns the task, whose alternative is the case to execute if any
// is ready.
//
//go:norace
func selectPoint(e *E, cases []Case, try bool) *engine.Task {
	t := e.task("Select")
	verb := "Select"
	if try {
		verb = "TrySelect"
	}
	c := t.NewCondition()
	c.Ready, c.Alts, c.Of = aCase, max(len(cases)-1, 0), selection(cases)
	for _, k := range cases {
		c.Uses = append(c.Uses, k.uses()...)
	}
	t.Ask(engine.RequestPoint, nil, verb)
	for _, k := range cases {
		k.core().began(verb)
	}
	return t
}

// A selection is a set of cases to choose from.
type selection []Case

// aCase reports whether the alternative can be chosen: its case is ready, or none is and it is the first.
//
//go:norace
func aCase(c *engine.Condition, alt int) bool {
	cases, _ := c.Of.(selection)
	if len(cases) == 0 {
		return true
	}
	if cases[alt].ready() {
		return true
	}
	if alt > 0 {
		return false
	}
	for _, k := range cases {
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

// SendCase returns the case of a [Select] that sends v.
func (c *Chan[T]) SendCase(v T) Case { return &sendCase[T]{c: c, v: v} }

func (s *sendCase[T]) core() *core { return &s.c.core }

func (s *sendCase[T]) verb() string { return "Send" }

func (s *sendCase[T]) uses() []hook.Object { return []hook.Object{&s.c.core} }

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

// RecvCase returns the case of a [Select] that receives a value into v, and sets ok to false if the channel is closed
// and empty. Either may be nil.
func (c *Chan[T]) RecvCase(v *T, ok *bool) Case { return &recvCase[T]{c: c, v: v, ok: ok} }

func (r *recvCase[T]) core() *core { return &r.c.core }

func (r *recvCase[T]) verb() string { return "Recv" }

func (r *recvCase[T]) uses() []hook.Object { return []hook.Object{&r.c.core} }

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

type doneCase struct {
	k   core
	ctx context.Context // the case waits for its end
	end engine.CtxEnd
}

// DoneCase returns the case of a [Select] that receives from ctx.Done().
//
//go:norace
func DoneCase(e *E, ctx context.Context) Case { //nolint:revive // e comes first in every function of this package
	return &doneCase{k: newCore(e, "DoneCase", "context"), ctx: ctx, end: engine.EndOf(ctx)}
}

func (d *doneCase) core() *core { return &d.k }

func (d *doneCase) verb() string { return "" }

func (d *doneCase) uses() (all []hook.Object) {
	for c := d.end.End; c != nil; c = c.Parent {
		all = append(all, c)
	}
	return all
}

func (d *doneCase) ready() bool { return d.end.Over() }

func (d *doneCase) now() {}

//go:norace
func (d *doneCase) enlist(w *waiting, i int) {
	if w.ctx != nil {
		panic("explore: Select: more than one DoneCase")
	}
	w.ctx, w.ended = d.ctx, i
}

func (d *doneCase) finish() { _ = d.ctx.Err() } // orders the context's end before what follows
