package timeline

import (
	"fmt"
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Apply applies an event to s. Unknown kinds have no effect.
//
// Apply accepts any event: it never panics, and its memory is proportional to its input. Very long names and other
// texts are truncated.
//
// Apply returns an error if ev is inconsistent with the events before it: for example, a goroutine acquires a lock that
// another holds, or acts while it is waiting. The State has then applied ev as far as possible and stays usable. After
// events were lost (see [State.Lost]), Apply returns no errors, since it can no longer detect inconsistencies.
func (s *State) Apply(ev trace.Event) error {
	s.last = ev // handlers get a pointer to the copy: one to ev would make each event an allocation
	s.last.Text = safetext.Cut(ev.Text, longest(ev.Kind))
	s.now = max(s.now, time.Duration(ev.Time))
	s.forgetPast()
	if int(ev.Kind) >= len(handlers) {
		return nil
	}
	h := &handlers[ev.Kind]
	if h.stream != nil {
		h.stream(s, &s.last)
		return nil
	}
	if h.happen == nil {
		return nil
	}
	c := s.change(&s.last)
	if ev.Obj == 0 && !h.free {
		return s.certain(c.wrong("it needs an object"))
	}
	var err error
	if h.acts && (!h.grant || c.g.Status != Released || c.g.For != ev.Obj && !s.watches(c.g.For, ev.Obj)) {
		err = c.act()
	}
	c.o.Touched = s.now
	if e := h.happen(c); err == nil {
		err = e
	}
	c.g.Last = s.last
	return s.certain(err)
}

// certain returns err unless events were lost, which may be what is wrong.
func (s *State) certain(err error) error {
	if s.lost > 0 {
		return nil
	}
	return err
}

// A handler applies the events of one kind.
type handler struct {
	stream func(s *State, ev *trace.Event) // definitions, and the stream itself
	happen func(c change) error            // what happens to a goroutine at an object
	acts   bool                            // the goroutine runs when it does this …
	grant  bool                            // … unless it was just released from the same object
	free   bool                            // there may be no object
}

var handlers = [...]handler{
	trace.KindBegin:   {stream: func(s *State, ev *trace.Event) { s.wall = ev.N }},
	trace.KindDropped: {stream: func(s *State, ev *trace.Event) { s.lost = plus(s.lost, max(0, ev.N)) }},
	trace.KindEnd:     {stream: func(s *State, _ *trace.Event) { s.over = true }},

	trace.KindDefineG:   {stream: (*State).defineG},
	trace.KindDefineObj: {stream: (*State).defineObj},
	trace.KindDefinePC:  {stream: func(s *State, ev *trace.Event) { s.define(ev) }},
	trace.KindRename:    {stream: func(s *State, ev *trace.Event) { s.object(ev.Obj).Name = safetext.Cut(ev.Text, maxName) }},

	trace.KindLog:   {happen: nothing, acts: true, free: true},
	trace.KindSpawn: {happen: by(goroutineChange.spawn), acts: true, free: true},
	trace.KindExit:  {happen: by(goroutineChange.exit), acts: true, free: true},

	trace.KindBlock:   {happen: by(waitChange.block), acts: true},
	trace.KindUnblock: {happen: by(waitChange.unblock)},
	trace.KindGiveUp:  {happen: by(waitChange.giveUp)},
	trace.KindResume:  {happen: by(goroutineChange.resume)},

	trace.KindSet:   {happen: by(flagChange.set), acts: true},
	trace.KindClear: {happen: by(flagChange.clear), acts: true},
	trace.KindPass:  {happen: by(flagChange.pass), acts: true, grant: true},

	trace.KindAcquire: {happen: by(semaphoreChange.acquire), acts: true, grant: true},
	trace.KindRelease: {happen: by(semaphoreChange.release), acts: true},
	trace.KindTryFail: {happen: by(semaphoreChange.tryFail), acts: true},

	trace.KindArrive:      {happen: by(barrierChange.arrive), acts: true},
	trace.KindActionBegin: {happen: by(barrierChange.actionBegin), acts: true},
	trace.KindActionEnd:   {happen: by(barrierChange.actionEnd), acts: true},
	trace.KindTrip:        {happen: by(barrierChange.trip), acts: true},
	trace.KindBreak:       {happen: by(barrierChange.breaks)},
	trace.KindReset:       {happen: by(barrierChange.reset), acts: true},

	trace.KindSetValue:  {happen: by(valueChange.setValue), acts: true},
	trace.KindDropValue: {happen: by(valueChange.dropValue)},
	trace.KindNotify:    {happen: by(flagChange.notify), acts: true},

	trace.KindPut:      {happen: by(queueChange.put), acts: true, grant: true},
	trace.KindGet:      {happen: by(queueChange.get), acts: true, grant: true},
	trace.KindTaskDone: {happen: by(queueChange.taskDone), acts: true},
	trace.KindClose:    {happen: by(queueChange.close), acts: true},

	trace.KindSubmit:    {happen: by(futureChange.submit), acts: true},
	trace.KindTaskStart: {happen: by(futureChange.taskStart), acts: true, grant: true},
	trace.KindSettle:    {happen: by(futureChange.settle), acts: true},
	trace.KindCancel:    {happen: by(futureChange.cancel), acts: true},
	trace.KindWatch:     {happen: by(futureChange.watch), acts: true},

	trace.KindRead:  {happen: by(valueChange.access), acts: true},
	trace.KindWrite: {happen: by(valueChange.access), acts: true},
	trace.KindOp:    {happen: nothing, acts: true, free: true},

	trace.KindAdd:  {happen: by(flagChange.add), acts: true},
	trace.KindFire: {happen: by(flagChange.fire)},
	trace.KindFail: {happen: by(goroutineChange.fails), free: true},

	trace.KindForget:  {happen: by(futureChange.groupOver), acts: true},
	trace.KindResize:  {happen: by(semaphoreChange.resize), acts: true},
	trace.KindRequeue: {happen: by(queueChange.requeue), acts: true},
	trace.KindPanic:   {happen: nothing, acts: true},
}

// change returns the change that ev is.
func (s *State) change(ev *trace.Event) change {
	c := change{State: s, ev: ev}
	if ev.G != 0 {
		c.g = s.goroutine(ev.G)
	} else {
		c.g = &Goroutine{Status: Running}
	}
	if ev.Obj != 0 {
		c.o = s.object(ev.Obj)
	} else {
		c.o = &Object{}
	}
	return c
}

// wrong returns an error that says why ev cannot have happened.
func (c change) wrong(format string, args ...any) error {
	return fmt.Errorf("timeline: event %d (%s): %s", c.ev.Seq, c.ev.Kind, fmt.Sprintf(format, args...))
}

// act makes g run, since it did something.
func (c change) act() error {
	g := c.g
	switch g.Status {
	case Running:
		return nil
	case Waiting:
		forID := g.For
		c.object(forID).leave(g)
		c.run(g)
		return c.wrong("%s goes on although it waits for %s", c.gName(), c.Words().ObjName(forID))
	case Ended:
		return c.wrong("%s goes on although it has ended", c.gName())
	case Unknown, Released, GaveUp:
	}
	c.run(g)
	return nil
}

func (s *State) defineG(ev *trace.Event) {
	if ev.G == 0 {
		return
	}
	g := s.goroutine(ev.G)
	g.Name = safetext.Cut(ev.Text, maxName)
	if ev.Peer != 0 {
		g.Parent = ev.Peer
	}
}

func (c goroutineChange) spawn() error {
	g, o, ev := c.g, c.o, c.ev
	if ev.Peer == 0 {
		return c.wrong("%s starts nobody", c.gName())
	}
	c.goroutine(ev.Peer).Parent = g.ID
	if o.Class == trace.ClassTaskGroup && !slices.Contains(o.Team, ev.Peer) {
		o.Team = append(o.Team, ev.Peer)
	}
	return nil
}

func (c goroutineChange) exit() error {
	g := c.g
	c.dropValues(g)
	c.become(g, Ended)
	return nil
}

func (c waitChange) block() error {
	g, o, ev := c.g, c.o, c.ev
	c.become(g, Waiting)
	g.For, g.Verb, g.Want = ev.Obj, ev.Text, max(1, ev.N)
	o.wantsFrom(g.ID, ev.Text)
	o.renew()
	at := 0
	if ev.Peer >= 0 {
		at = len(o.Queue) - int(min(ev.Peer, int64(len(o.Queue))))
	}
	o.Queue = slices.Insert(o.Queue, at, g.ID)
	o.families[family(g.Verb)]++
	o.MaxQueue = max(o.MaxQueue, len(o.Queue))
	return nil
}

func (c waitChange) unblock() error {
	g, o, ev := c.g, c.o, c.ev
	if ev.G == 0 {
		return c.unblockUnknown()
	}
	verb := g.Verb
	err := c.endWait()
	waited := g.Waited
	c.become(g, Released)
	g.For, g.By, g.Waited = ev.Obj, ev.Peer, waited
	switch {
	case o.Class == trace.ClassEvent:
		o.Passed = append(o.Passed, Hold{Obj: o.ID, G: g.ID, Since: c.now})
	case o.Class == trace.ClassBarrier && o.failing && verb != awaitsAction:
		g.Failed, g.Reason = true, o.why
	case isQueue(o.Class) && o.Closed && family(verb) != joins:
		g.Failed, g.Reason = true, trace.WasClosed // a Put or Get that follows says otherwise
	case o.Class == trace.ClassChan && o.Closed && family(verb) == puts:
		g.Failed, g.Reason = true, trace.WasClosed // likewise
	}
	return err
}

// unblockUnknown is unblock for g, which stands for somebody not known that has waited since before the trace.
func (c waitChange) unblockUnknown() error {
	g, o, ev := c.g, c.o, c.ev
	err := c.endWait()
	if o.Class == trace.ClassSemaphore && ev.N > 0 {
		c.hold(g, o, ev.N, true)
		if o.Permits -= ev.N; o.Permits < 0 {
			o.Permits = 0
			return c.wrong("%s is given %d of %s, which has fewer permits", c.Words().GName(0), ev.N, c.objName())
		}
	}
	return err
}

func (c waitChange) giveUp() error {
	g, ev := c.g, c.ev
	err := c.endWait()
	waited := g.Waited
	c.become(g, GaveUp)
	g.For, g.Reason, g.Waited = ev.Obj, trace.Reason(ev.N), waited
	return err
}

// awaitsAction is the verb of a barrier's party that waits, with its generation complete, until it may run the action.
const awaitsAction = "act"

// endWait takes g out of the queue of o and notes how long it waited.
func (c waitChange) endWait() error {
	g, o, ev := c.g, c.o, c.ev
	o.past = o.Class == trace.ClassSelect
	if ev.G == 0 { // somebody not known; since when it waits is not known either
		if !slices.Contains(o.Queue, 0) {
			return c.wrong("nobody unknown waits for %s", c.objName())
		}
		o.Waits++
		o.leave(g)
		return nil
	}
	if g.Status != Waiting || g.For != ev.Obj {
		g.Waited = 0
		if g.Last.Kind == trace.KindBad { // it waited before the trace began
			return nil
		}
		err := c.wrong("%s does not wait for %s", c.gName(), c.objName())
		if g.Status == Waiting {
			c.object(g.For).leave(g)
		}
		return err
	}
	g.Waited = c.now - g.Since
	o.Waits++
	o.WaitTime = plus(o.WaitTime, g.Waited)
	o.leave(g)
	return nil
}

func (c goroutineChange) resume() error {
	g := c.g
	if g.Status == Waiting {
		return c.act()
	}
	if g.Status != Running {
		c.run(g)
	}
	return nil
}

// leave takes g out of the queue of o. It is mostly the first, and next to that the last.
func (o *Object) leave(g *Goroutine) {
	i := len(o.Queue) - 1
	if i < 0 || o.Queue[i] != g.ID {
		i = slices.Index(o.Queue, g.ID)
	}
	if i < 0 {
		return
	}
	o.Queue = cut(o.Queue, i)
	o.families[family(g.Verb)]--
}

// cut removes s[i]. It does not move a long s to remove its first element.
func cut[T any](s []T, i int) []T {
	if i == 0 && len(s) > 32 {
		return s[1:]
	}
	return slices.Delete(s, i, i+1)
}
