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
	g, o := s.parts(&s.last)
	if ev.Obj == 0 && !h.free {
		return s.certain(s.wrong(&s.last, "it needs an object"))
	}
	var err error
	if h.acts && (!h.grant || g.Status != Released || g.For != ev.Obj && !s.watches(g.For, ev.Obj)) {
		err = s.act(g, &s.last)
	}
	o.Touched = s.now
	if e := h.happen(s, g, o, &s.last); err == nil {
		err = e
	}
	g.Last = s.last
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
	stream func(s *State, ev *trace.Event)                                // definitions, and the stream itself
	happen func(s *State, g *Goroutine, o *Object, ev *trace.Event) error // what happens to a goroutine at an object
	acts   bool                                                           // the goroutine runs when it does this …
	grant  bool                                                           // … unless it was just released from the same object
	free   bool                                                           // there may be no object
}

var handlers = [...]handler{
	trace.KindBegin:   {stream: func(s *State, ev *trace.Event) { s.wall = ev.N }},
	trace.KindDropped: {stream: func(s *State, ev *trace.Event) { s.lost = plus(s.lost, max(0, ev.N)) }},
	trace.KindEnd:     {stream: func(s *State, _ *trace.Event) { s.over = true }},

	trace.KindDefineG:   {stream: (*State).defineG},
	trace.KindDefineObj: {stream: (*State).defineObj},
	trace.KindDefinePC:  {stream: (*State).definePC},
	trace.KindRename:    {stream: func(s *State, ev *trace.Event) { s.object(ev.Obj).Name = safetext.Cut(ev.Text, maxName) }},

	trace.KindLog:   {happen: nothing, acts: true, free: true},
	trace.KindSpawn: {happen: (*State).spawn, acts: true, free: true},
	trace.KindExit:  {happen: (*State).exit, acts: true, free: true},

	trace.KindBlock:   {happen: (*State).block, acts: true},
	trace.KindUnblock: {happen: (*State).unblock},
	trace.KindGiveUp:  {happen: (*State).giveUp},
	trace.KindResume:  {happen: (*State).resume},

	trace.KindSet:   {happen: (*State).set, acts: true},
	trace.KindClear: {happen: (*State).clear, acts: true},
	trace.KindPass:  {happen: (*State).pass, acts: true, grant: true},

	trace.KindAcquire: {happen: (*State).acquire, acts: true, grant: true},
	trace.KindRelease: {happen: (*State).release, acts: true},
	trace.KindTryFail: {happen: (*State).tryFail, acts: true},

	trace.KindArrive:      {happen: (*State).arrive, acts: true},
	trace.KindActionBegin: {happen: (*State).actionBegin, acts: true},
	trace.KindActionEnd:   {happen: (*State).actionEnd, acts: true},
	trace.KindTrip:        {happen: (*State).trip, acts: true},
	trace.KindBreak:       {happen: (*State).breaks},
	trace.KindReset:       {happen: (*State).reset, acts: true},

	trace.KindSetValue:  {happen: (*State).setValue, acts: true},
	trace.KindDropValue: {happen: (*State).dropValue},
	trace.KindNotify:    {happen: (*State).notify, acts: true},

	trace.KindPut:      {happen: (*State).put, acts: true, grant: true},
	trace.KindGet:      {happen: (*State).get, acts: true, grant: true},
	trace.KindTaskDone: {happen: (*State).taskDone, acts: true},
	trace.KindClose:    {happen: (*State).close, acts: true},

	trace.KindSubmit:    {happen: (*State).submit, acts: true},
	trace.KindTaskStart: {happen: (*State).taskStart, acts: true, grant: true},
	trace.KindSettle:    {happen: (*State).settle, acts: true},
	trace.KindCancel:    {happen: (*State).cancel, acts: true},
	trace.KindWatch:     {happen: (*State).watch, acts: true},

	trace.KindRead:  {happen: (*State).access, acts: true},
	trace.KindWrite: {happen: (*State).access, acts: true},
	trace.KindOp:    {happen: nothing, acts: true, free: true},

	trace.KindAdd:  {happen: (*State).add, acts: true},
	trace.KindFire: {happen: (*State).fire},
	trace.KindFail: {happen: (*State).fails, free: true},

	trace.KindForget:  {happen: (*State).groupOver, acts: true},
	trace.KindResize:  {happen: (*State).resize, acts: true},
	trace.KindRequeue: {happen: (*State).requeue, acts: true},
	trace.KindPanic:   {happen: nothing, acts: true},
}

// parts returns the goroutine and the object of ev for changing. Where there is none it returns one that nobody sees.
func (s *State) parts(ev *trace.Event) (*Goroutine, *Object) {
	var g *Goroutine
	if ev.G != 0 {
		g = s.goroutine(ev.G)
	} else {
		g = &Goroutine{Status: Running}
	}
	if ev.Obj != 0 {
		return g, s.object(ev.Obj)
	}
	return g, &Object{}
}

// wrong returns an error that says why ev cannot have happened.
func (s *State) wrong(ev *trace.Event, format string, args ...any) error {
	return fmt.Errorf("timeline: event %d (%s): %s", ev.Seq, ev.Kind, fmt.Sprintf(format, args...))
}

func nothing(*State, *Goroutine, *Object, *trace.Event) error { return nil }

// act makes g run, since it did something.
func (s *State) act(g *Goroutine, ev *trace.Event) error {
	switch g.Status {
	case Running:
		return nil
	case Waiting:
		forID := g.For
		s.leave(s.object(forID), g)
		s.run(g)
		return s.wrong(ev, "%s goes on although it waits for %s", s.GName(g.ID), s.ObjName(forID))
	case Ended:
		return s.wrong(ev, "%s goes on although it has ended", s.GName(g.ID))
	case Unknown, Released, GaveUp:
	}
	s.run(g)
	return nil
}

func (s *State) run(g *Goroutine) { s.become(g, Running) }

// become gives g a new status and forgets what belonged to the old one.
func (s *State) become(g *Goroutine, st Status) {
	g.Status, g.Since = st, s.now
	g.For, g.Verb, g.Want, g.By, g.Failed, g.Reason, g.Waited = 0, "", 0, 0, false, trace.NoReason, 0
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

func (s *State) spawn(g *Goroutine, o *Object, ev *trace.Event) error {
	if ev.Peer == 0 {
		return s.wrong(ev, "%s starts nobody", s.GName(g.ID))
	}
	s.goroutine(ev.Peer).Parent = g.ID
	if o.Class == trace.ClassTaskGroup && !slices.Contains(o.Team, ev.Peer) {
		o.Team = append(o.Team, ev.Peer)
	}
	return nil
}

func (s *State) exit(g *Goroutine, _ *Object, _ *trace.Event) error {
	s.dropValues(g)
	s.become(g, Ended)
	return nil
}

func (s *State) block(g *Goroutine, o *Object, ev *trace.Event) error {
	s.become(g, Waiting)
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

func (s *State) unblock(g *Goroutine, o *Object, ev *trace.Event) error {
	if ev.G == 0 {
		return s.unblockUnknown(g, o, ev)
	}
	verb := g.Verb
	err := s.endWait(g, o, ev)
	waited := g.Waited
	s.become(g, Released)
	g.For, g.By, g.Waited = ev.Obj, ev.Peer, waited
	switch {
	case o.Class == trace.ClassEvent:
		o.Passed = append(o.Passed, Hold{Obj: o.ID, G: g.ID, Since: s.now})
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
func (s *State) unblockUnknown(g *Goroutine, o *Object, ev *trace.Event) error {
	err := s.endWait(g, o, ev)
	if o.Class == trace.ClassSemaphore && ev.N > 0 {
		s.hold(g, o, ev.N, true)
		if o.Permits -= ev.N; o.Permits < 0 {
			o.Permits = 0
			return s.wrong(ev, "%s is given %d of %s, which has fewer permits", s.GName(0), ev.N, s.ObjName(o.ID))
		}
	}
	return err
}

func (s *State) giveUp(g *Goroutine, o *Object, ev *trace.Event) error {
	err := s.endWait(g, o, ev)
	waited := g.Waited
	s.become(g, GaveUp)
	g.For, g.Reason, g.Waited = ev.Obj, trace.Reason(ev.N), waited
	return err
}

// awaitsAction is the verb of a barrier's party that waits, with its generation complete, until it may run the action.
const awaitsAction = "act"

// endWait takes g out of the queue of o and notes how long it waited.
func (s *State) endWait(g *Goroutine, o *Object, ev *trace.Event) error {
	o.past = o.Class == trace.ClassSelect
	if ev.G == 0 { // somebody not known; since when it waits is not known either
		if !slices.Contains(o.Queue, 0) {
			return s.wrong(ev, "nobody unknown waits for %s", s.ObjName(ev.Obj))
		}
		o.Waits++
		s.leave(o, g)
		return nil
	}
	if g.Status != Waiting || g.For != ev.Obj {
		g.Waited = 0
		if g.Last.Kind == trace.KindBad { // it waited before the trace began
			return nil
		}
		err := s.wrong(ev, "%s does not wait for %s", s.GName(g.ID), s.ObjName(ev.Obj))
		if g.Status == Waiting {
			s.leave(s.object(g.For), g)
		}
		return err
	}
	g.Waited = s.now - g.Since
	o.Waits++
	o.WaitTime = plus(o.WaitTime, g.Waited)
	s.leave(o, g)
	return nil
}

func (s *State) resume(g *Goroutine, _ *Object, ev *trace.Event) error {
	if g.Status == Waiting {
		return s.act(g, ev)
	}
	if g.Status != Running {
		s.run(g)
	}
	return nil
}

// leave takes g out of the queue of o. It is mostly the first, and next to that the last.
func (s *State) leave(o *Object, g *Goroutine) {
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
