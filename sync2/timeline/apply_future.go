package timeline

import (
	"slices"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Futures, their executors and groups, and groups of goroutines.

func (c futureChange) submit() error {
	o, ev := c.o, c.ev
	o.Progress, o.Since = ProgressPending, c.now
	if ev.Peer != 0 {
		o.Parent = trace.ID(ev.Peer)
		e := c.object(o.Parent)
		e.Tasks = append(e.Tasks, o.ID)
		e.Touched = c.now
	}
	return nil
}

func (c futureChange) taskStart() error {
	g, o := c.g, c.o
	o.Progress, o.Since, o.Worker = ProgressRunning, c.now, g.ID
	if o.Parent != 0 {
		e := c.object(o.Parent)
		e.forget(o.ID)
		e.Busy = append(e.Busy, Hold{Obj: o.ID, G: g.ID, N: 1, Since: c.now})
		e.Touched = c.now
	}
	return nil
}

func (c futureChange) settle() error {
	g, o, ev := c.g, c.o, c.ev
	if o.Class == trace.ClassTaskGroup {
		o.Settled = plus(o.Settled, 1)
		if Progress(ev.N) == ProgressFailed {
			o.fails(g.ID, ev.Text)
		}
		return nil
	}
	var err error
	if o.Progress > ProgressRunning {
		err = c.wrong("%s settles %s, which is settled", c.gName(), c.objName())
	}
	o.Result = ev.Text
	c.progress(Progress(ev.N))
	if o.Parent != 0 {
		e := c.object(o.Parent)
		e.forget(o.ID)
		e.Settled++
		e.Touched = c.now
	}
	return err
}

// watch adds future o to those for which the goroutines at a group wait. Its earlier progress is known only now.
func (c futureChange) watch() error {
	o, ev := c.o, c.ev
	if o.Class != trace.ClassFuture && o.Class != trace.ClassNone {
		chanChange(c).watch()
		return nil
	}
	if p := Progress(ev.N); p > o.Progress && p <= ProgressCanceled {
		c.progress(p)
	}
	if ev.Peer != 0 {
		group := c.object(trace.ID(ev.Peer))
		group.Members = append(group.Members, o.ID)
		group.Watches = max(group.Watches, len(group.Members))
		if o.Progress > ProgressRunning {
			group.settled++
		} else {
			o.groups = append(o.groups, group.ID)
		}
	}
	return nil
}

// progress records the progress of future o, and counts o where it is watched once it is settled.
func (c futureChange) progress(p Progress) {
	o := c.o
	o.Progress, o.Since = p, c.now
	if p <= ProgressRunning {
		return
	}
	for _, id := range o.groups {
		c.object(id).settled++
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

// groupOver records that group o, or the key, is not used again.
func (c futureChange) groupOver() error {
	o := c.o
	o.past = true
	return nil
}

func (c futureChange) cancel() error {
	g, o, ev := c.g, c.o, c.ev
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

// fails records that g was the first to fail in group o.
func (o *Object) fails(g int64, cause string) {
	if !o.Broken {
		o.Broken, o.By, o.Cause = true, g, cause
	}
}
