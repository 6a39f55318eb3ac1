package timeline

import (
	"slices"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Queues.

func (s *State) put(g *Goroutine, o *Object, ev *trace.Event) error {
	g.Failed, g.Reason = false, trace.NoReason
	at := int(min(max(0, ev.Peer), int64(len(o.Items))))
	join(&o.Senders, g.ID)
	if o.Class == trace.ClassChan {
		at = len(o.Items)
		s.chose(g, o, true)
	}
	o.Items = slices.Insert(o.Items, at, Item{ID: ev.N, Text: ev.Text, By: g.ID})
	o.Puts = plus(o.Puts, 1)
	if o.Capacity > 0 && len(o.Items) > o.Capacity {
		return s.wrong(ev, "%s puts into %s, which is full", s.GName(g.ID), s.ObjName(o.ID))
	}
	return nil
}

func (s *State) get(g *Goroutine, o *Object, ev *trace.Event) error {
	g.Failed, g.Reason = false, trace.NoReason
	o.Gets = plus(o.Gets, 1)
	join(&o.Receivers, g.ID)
	if o.Class == trace.ClassChan {
		s.chose(g, o, false)
	}
	i := slices.IndexFunc(o.Items, func(it Item) bool { return it.ID == ev.N })
	if i < 0 && len(o.Items) > 0 && o.Items[0].ID == 0 { // it was there before the trace knew of the queue
		o.Items[0].ID, i = ev.N, 0
	}
	if i < 0 { // it was put before the trace began, or never
		o.Puts = max(o.Puts, o.Gets)
		o.Taken = Item{ID: ev.N, Text: ev.Text}
		return nil
	}
	o.Taken = o.Items[i]
	o.Items = cut(o.Items, i)
	return nil
}

// requeue puts back what was taken. It has never been done, and so changes no account.
func (s *State) requeue(g *Goroutine, o *Object, ev *trace.Event) error {
	g.Failed, g.Reason = false, trace.NoReason
	at := int(min(max(0, ev.Peer), int64(len(o.Items))))
	o.Items = slices.Insert(o.Items, at, Item{ID: ev.N, Text: ev.Text, By: g.ID})
	return nil
}

func (s *State) taskDone(g *Goroutine, o *Object, ev *trace.Event) error {
	if o.Class == trace.ClassTaskGroup {
		if i := slices.Index(o.Team, g.ID); i >= 0 {
			o.Team = cut(o.Team, i)
		}
		return nil
	}
	left := count(ev.N)
	o.Puts = max(o.Puts, left) // some were put before the trace began
	o.Done = o.Puts - left
	return nil
}

// close closes a queue, a channel or an executor. What is dropped is all that is left, and counts as done.
func (s *State) close(g *Goroutine, o *Object, ev *trace.Event) error {
	o.Closed = true
	if o.Class == trace.ClassChan {
		join(&o.Senders, g.ID)
	}
	if isQueue(o.Class) && ev.N > 0 {
		o.Items = nil
		o.Done = min(o.Puts, plus(o.Done, count(ev.N))) // some may have been accounted for before they were taken
	}
	return nil
}

// Futures and executors.

func (s *State) submit(_ *Goroutine, o *Object, ev *trace.Event) error {
	o.Progress, o.Since = Pending, s.now
	if ev.Peer != 0 {
		o.Parent = trace.ID(ev.Peer)
		e := s.object(o.Parent)
		e.Tasks = append(e.Tasks, o.ID)
		e.Touched = s.now
	}
	return nil
}

func (s *State) taskStart(g *Goroutine, o *Object, _ *trace.Event) error {
	o.Progress, o.Since, o.Worker = InProgress, s.now, g.ID
	if o.Parent != 0 {
		e := s.object(o.Parent)
		e.forget(o.ID)
		e.Busy = append(e.Busy, Hold{Obj: o.ID, G: g.ID, N: 1, Since: s.now})
		e.Touched = s.now
	}
	return nil
}

func (s *State) settle(g *Goroutine, o *Object, ev *trace.Event) error {
	if o.Class == trace.ClassTaskGroup {
		o.Settled = plus(o.Settled, 1)
		if Progress(ev.N) == FailedWithError {
			o.fails(g.ID, ev.Text)
		}
		return nil
	}
	var err error
	if o.Progress > InProgress {
		err = s.wrong(ev, "%s settles %s, which is settled", s.GName(g.ID), s.ObjName(o.ID))
	}
	o.Result = ev.Text
	s.progress(o, Progress(ev.N))
	if o.Parent != 0 {
		e := s.object(o.Parent)
		e.forget(o.ID)
		e.Settled++
		e.Touched = s.now
	}
	return err
}

// watch makes future o one of those for which the goroutines at a group wait. What came before the trace is known only now.
func (s *State) watch(g *Goroutine, o *Object, ev *trace.Event) error {
	if o.Class != trace.ClassFuture && o.Class != trace.NoClass {
		s.watchChan(g, o, ev)
		return nil
	}
	if p := Progress(ev.N); p > o.Progress && p <= CanceledBefore {
		s.progress(o, p)
	}
	if ev.Peer != 0 {
		group := s.object(trace.ID(ev.Peer))
		group.Members = append(group.Members, o.ID)
		group.Watches = max(group.Watches, len(group.Members))
		if o.Progress > InProgress {
			group.settled++
		} else {
			o.groups = append(o.groups, group.ID)
		}
	}
	return nil
}

// progress notes how far future o has come, and counts it where it is watched once it is settled.
func (s *State) progress(o *Object, p Progress) {
	o.Progress, o.Since = p, s.now
	if p <= InProgress {
		return
	}
	for _, id := range o.groups {
		s.object(id).settled++
	}
	o.groups = nil
}

// forget removes future f from the executor's tasks, waiting or running.
func (o *Object) forget(f trace.ID) {
	if i := slices.Index(o.Tasks, f); i >= 0 {
		o.Tasks = cut(o.Tasks, i)
	}
	if i := slices.IndexFunc(o.Busy, func(h Hold) bool { return h.Obj == f }); i >= 0 {
		o.Busy = cut(o.Busy, i)
	}
}

// groupOver notes that nobody comes back to group o, or to the key.
func (s *State) groupOver(_ *Goroutine, o *Object, _ *trace.Event) error {
	o.past = true
	return nil
}

func (s *State) cancel(g *Goroutine, o *Object, ev *trace.Event) error {
	switch o.Class {
	case trace.ClassExecutor:
		o.Closed = true
	case trace.ClassTaskGroup:
		o.Closed = true
		o.fails(g.ID, ev.Text)
	default:
	}
	return nil
}

// fails notes that g was the first to fail in group o.
func (o *Object) fails(g int64, cause string) {
	if !o.Broken {
		o.Broken, o.By, o.Cause = true, g, cause
	}
}

// Variables.

func (s *State) access(_ *Goroutine, o *Object, ev *trace.Event) error {
	o.Result = ev.Text
	return nil
}
