package trace

import (
	"fmt"
	"slices"
	"strings"
)

// What is the same for all objects: goroutines, and waiting.

// status returns the status of goroutine id.
func (v *Validator) status(id int64) vStatus {
	if g := v.look(id); g != nil {
		return g.status
	}
	return vUnknown
}

// act: who waits, or has ended, does nothing.
func (v *Validator) act(g *vGoroutine) string {
	switch g.status {
	case vWaiting:
		v.leave(v.lookObject(g.obj), g)
		g.status = vRunning
		return fmt.Sprintf("it waits for %s", v.objName(g.obj))
	case vEnded:
		return "it has ended"
	case vUnknown, vRunning, vReleased:
	}
	if g.id != 0 {
		g.status = vRunning
	}
	return ""
}

// due checks that everybody has been released, or given its permits, who had to be before ev happens at o.
func (v *Validator) due(ev *Event, o *vObject) string {
	if wrong := o.untaken(ev); wrong != "" {
		return wrong
	}
	resumes := ev.Kind == KindResume // done by the goroutine itself when it runs, so between any others
	if w := o.granted; w != nil && ev.Kind != KindUnblock && !(resumes && ev.G != w.id) {
		o.granted = nil
		if ev.Kind != KindAcquire || ev.G != w.id {
			return w.name + " was released and has not got its permits"
		}
	}
	gets := o.class == ClassWatch && ev.Kind == KindPass // those who have been released, what they have waited for
	if n := o.pending; n > 0 && ev.Kind != KindUnblock && !resumes && !gets {
		o.pending = 0
		return fmt.Sprintf("%d of those who have to be released first are not", n)
	}
	return ""
}

func (v *Validator) spawn(ev *Event, g *vGoroutine, o *vObject) string {
	child, wrong := v.goroutine(ev.Peer)
	if o.class == ClassTaskGroup {
		first(&wrong, o.joins(ev))
	}
	switch {
	case ev.Peer == 0 || ev.Peer == g.id:
		return "it starts nobody"
	case child.status == vUnknown && !v.lost:
		child.status = vRunning
	}
	return wrong
}

func (v *Validator) exit(_ *Event, g *vGoroutine, _ *vObject) string {
	g.status = vEnded
	return ""
}

// A goroutine waits for something, only where it has to, and at the end of the queue unless that is a lock's or a
// Cond's.
func (v *Validator) block(ev *Event, g *vGoroutine, o *vObject) string {
	if ev.Obj == 0 {
		return "it waits for nothing"
	}
	g.status, g.obj, g.verb, g.want, g.mayGo = vWaiting, ev.Obj, ev.Text, ev.N, false
	at := 0
	if ev.Peer >= 0 {
		at = len(o.queue) - int(min(ev.Peer, int64(len(o.queue))))
	}
	o.queue = slices.Insert(o.queue, at, g)
	switch {
	case ev.Peer > 0 && o.class != ClassCond:
		return "only at a condition variable can one wait before others"
	case ev.Peer < 0 && !slices.Contains(vLocks, o.class) && o.class != ClassRWMutex:
		return "only at a lock can one wait at the front"
	case o.class == ClassSemaphore && ev.N < 1:
		return fmt.Sprintf("it waits for %d permits", ev.N)
	case o.class == ClassEvent && o.setKnown && o.set:
		return "the event is set"
	case o.class == ClassFuture && o.progress >= vSucceeded:
		return "the future is settled"
	case o.class == ClassGoroutine && v.status(o.of) == vEnded:
		return "the goroutine has ended"
	case o.class == ClassBarrier:
		return o.barrier.mayWait(g)
	case o.class == ClassSelect:
		v.beginCases(o)
	case o.class == ClassWatch && !o.vague && ev.N < o.version:
		return fmt.Sprintf("the version is %d already", o.version)
	case o.vague:
	case o.class == ClassWaitGroup && o.counter == 0:
		return "the counter is 0"
	case o.class == ClassOnce && o.done:
		return "the function has run"
	case o.class == ClassChan && o.items.closed:
		return "the channel is closed"
	}
	return ""
}

// unblock: only who waits is released; where that is promised, the one who waits longest; and only where there is a
// reason.
func (v *Validator) unblock(ev *Event, g *vGoroutine, o *vObject) (wrong string) {
	if ev.G == 0 {
		g = o.unknown(g)
	}
	if ev.Peer != 0 {
		_, wrong = v.goroutine(ev.Peer)
	}
	first(&wrong, v.endWait(g, ev.Obj, func() string {
		first(&wrong, v.mayRelease(ev, g, o))
		return v.isNext(g, o)
	}))
	g.status, g.obj = vReleased, ev.Obj
	if o.class == ClassPriorityQueue && o.family(g.verb) == "Put" {
		g.room = ev.Obj
	}
	return wrong
}

// mayRelease checks that there is a reason to release g, which waits at o.
func (v *Validator) mayRelease(ev *Event, g *vGoroutine, o *vObject) string {
	switch o.class {
	case ClassChan, ClassNilChan, ClassWaitGroup, ClassOnce, ClassSelect:
		return v.mayReleaseGo(g, o)
	case ClassWatch, ClassTaskGroup:
		return o.mayReleaseNew(g)
	case ClassEvent, ClassCond:
		if o.pending == 0 {
			return "nobody has released it: there is no event before that says so"
		}
		o.pending--
	case ClassBarrier:
		switch {
		case g.verb == vAwaitsAction:
		case !g.mayGo:
			return "its generation has neither tripped nor failed"
		default:
			o.pending--
		}
	case ClassFuture:
		if o.progress != 0 && o.progress < vSucceeded {
			return "the future is not settled"
		}
	case ClassSemaphore:
		if g.id != 0 {
			o.granted = g
			return ""
		}
		n := max(0, ev.N)
		o.owed += n
		o.permits -= n
		if o.permits < 0 {
			n += o.permits
			o.permits = 0
			if !o.vague {
				return fmt.Sprintf("there are %d permits", n)
			}
		}
	case NoClass, ClassMutex, ClassReentrantLock, ClassLocal, ClassQueue, ClassStack, ClassPriorityQueue,
		ClassExecutor, ClassGroup, ClassGoroutine, ClassVar, ClassOther, ClassRWMutex, ClassTimer, ClassClock, ClassAtomic,
		ClassKeyedMutex, ClassFlight:
	}
	return ""
}

// isNext checks that nobody waits longer than g at o for the same, where first come is first served.
func (v *Validator) isNext(g *vGoroutine, o *vObject) string {
	switch o.class {
	case ClassSemaphore, ClassMutex, ClassReentrantLock, ClassCond, ClassQueue, ClassStack, ClassPriorityQueue, ClassChan, ClassTaskGroup:
	case NoClass, ClassEvent, ClassBarrier, ClassLocal, ClassExecutor, ClassFuture, ClassGroup, ClassGoroutine, ClassVar, ClassOther,
		ClassNilChan, ClassSelect, ClassRWMutex, ClassWaitGroup, ClassOnce, ClassTimer, ClassClock, ClassAtomic,
		ClassWatch, ClassKeyedMutex, ClassFlight:
		return ""
	}
	for _, w := range o.queue {
		if w == g {
			break
		}
		if o.family(w.verb) == o.family(g.verb) {
			return fmt.Sprintf("%s has waited longer", w.name)
		}
	}
	return ""
}

// family returns for what a goroutine waits that does verb: at a queue there are three things to wait for, at a channel and
// at a group two.
func (o *vObject) family(verb string) string {
	if o.class == ClassTaskGroup && strings.HasPrefix(verb, "Go") {
		return "Go"
	}
	if o.class == ClassChan && (verb == "send" || verb == "Send" || verb == "Put") {
		return "Put"
	}
	if slices.Contains(vQueues, o.class) {
		for _, f := range []string{"Put", "Join"} {
			if strings.HasPrefix(verb, f) {
				return f
			}
		}
	}
	return ""
}

// unknown returns the one that has waited longest at o of those who are not known; g if there are none.
func (o *vObject) unknown(g *vGoroutine) *vGoroutine {
	for _, w := range o.queue {
		if w.id == 0 {
			return w
		}
	}
	return g
}

func (v *Validator) giveUp(ev *Event, g *vGoroutine, o *vObject) string {
	if ev.G == 0 {
		g = o.unknown(g)
	}
	wrong := v.endWait(g, ev.Obj, func() string { return "" })
	g.status = vRunning
	o.over = true
	if o.class == ClassBarrier && !g.mayGo {
		o.barrier.mustBreak = true
	}
	if ev.N == 0 {
		first(&wrong, "it has no reason")
	}
	return wrong
}

// endWait takes g out of the queue of object id, where it must wait. Before that it asks check.
func (v *Validator) endWait(g *vGoroutine, id ID, check func() string) string {
	if g.status == vUnknown {
		return "" // it may have waited before the trace began, or since events were lost
	}
	if g.status != vWaiting || g.obj != id {
		if g.status == vWaiting {
			v.leave(v.lookObject(g.obj), g)
		}
		return "it does not wait for that"
	}
	wrong := check()
	v.leave(v.lookObject(id), g)
	return wrong
}

func (v *Validator) leave(o *vObject, g *vGoroutine) {
	if len(o.queue) > 0 && o.queue[0] == g {
		o.queue = o.queue[1:]
	} else if i := slices.Index(o.queue, g); i >= 0 {
		o.queue = slices.Delete(o.queue, i, i+1)
	}
}

func (v *Validator) resume(ev *Event, g *vGoroutine, _ *vObject) (wrong string) {
	switch {
	case g.status == vUnknown:
	case g.status == vWaiting:
		wrong = v.act(g)
	case g.status != vReleased || g.obj != ev.Obj:
		wrong = "it was not released from that"
	}
	g.status = vRunning
	return wrong
}
