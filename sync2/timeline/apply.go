package timeline

import (
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
	s.last = ev // handlers get a pointer to the copy: a pointer to ev would make every event an allocation
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
	if h.acts && (!h.grant || c.g.Status != StatusReleased || c.g.For != ev.Obj && !s.watches(c.g.For, ev.Obj)) {
		err = c.act()
	}
	c.o.Touched = s.now
	if e := h.happen(c); err == nil {
		err = e
	}
	c.g.Last = s.last
	return s.certain(err)
}

// certain returns err unless events were lost, which may explain it.
func (s *State) certain(err error) error {
	if s.lost > 0 {
		return nil
	}
	return err
}

// A handler applies the events of one kind.
type handler struct {
	stream func(s *State, ev *trace.Event) // for definitions, and the stream itself
	happen func(c change) error            // for what a goroutine does at an object
	acts   bool                            // only a running goroutine does this …
	grant  bool                            // … or one just released from the same object
	free   bool                            // it may have no object
}

var handlers = [...]handler{
	trace.KindDropped: {stream: func(s *State, ev *trace.Event) { s.lost = plus(s.lost, max(0, ev.N)) }},

	trace.KindDefineG:   {stream: (*State).defineG},
	trace.KindDefineObj: {stream: (*State).defineObj},
	trace.KindDefinePC:  {stream: func(s *State, ev *trace.Event) { s.define(ev) }},
	trace.KindRename:    {stream: (*State).rename},

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
