//go:build turnstile_goroot

package bridge

import (
	"slices"
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// aChan has the layout of the beginning of a channel.
type aChan struct {
	n, size uint
	_       unsafe.Pointer
	_       uint16
	closed  uint32
}

// counter returns the counter of a sync.WaitGroup, the upper half of its first word.
//
//go:norace
func counter(p unsafe.Pointer) int32 { return int32(*(*uint64)(p) >> 32) }

// free reports whether an RWMutex is held neither for reading nor for writing.
//
//go:norace
func (rw *anRWMutex) free() bool { return rw.readerCount == 0 && rw.w[0]&locked == 0 }

// reads returns the number of readers of an RWMutex, or of those that a waiting writer still waits for.
//
//go:norace
func (rw *anRWMutex) reads() bool {
	if rw.readerCount < 0 {
		return rw.readerWait > 0
	}
	return rw.readerCount > 0
}

// did is called when an operation begins.
//
//go:norace
func (s *teller) did(t *engine.Task, kind uint8, p unsafe.Pointer) {
	s.begin(t)
	op := &operations[kind]
	w := s.of(t)
	if op.class == 0 || p == nil || kind == opLen {
		return
	}
	o := run.object(t.Exec, p, op.class)
	if w.at == nil && o.obj.ID() == 0 && op.class != classChan && op.class != classCond && s.x.Insides(s.pcs) {
		return // internal to the standard library, unless a task has to wait there
	}
	switch op.class {
	case classChan:
		s.channel(t, kind, o)
		return
	case classMutex, classRWMutex, classOnce:
		s.grant(t)
	default:
	}
	at := s.know(o)
	one := trace.Event{N: 1, Text: op.verb}
	switch kind {
	case 1, 4:
		one.Kind = trace.KindAcquire
	case 2, 5, 8:
		can := false
		switch rw := (*anRWMutex)(p); kind {
		case 2:
			can = mutexFree(p)
		case 5:
			can = rw.readerCount >= 0
		case 8:
			can = rw.free()
		}
		if one.Kind = trace.KindTryFail; can {
			one.Kind = trace.KindAcquire
		}
	case 3:
		if !mutexFree(p) {
			one.Kind, one.N = trace.KindRelease, 0
		}
	case 6:
		if rw := (*anRWMutex)(p); rw.readerCount != 0 {
			one.Kind, one.N = trace.KindRelease, 0
		}
	case 7:
		if w.wants = o; !(*anRWMutex)(p).reads() {
			one.Kind, w.wants = trace.KindAcquire, nil
		}
	case 9:
		if (*anRWMutex)(p).readerCount < 0 {
			one.Kind, one.N = trace.KindRelease, 0
		}
	case 10:
		o.count = counter(p)
		s.adds = o
	case 11:
		if counter(p) == 0 {
			one = trace.Event{Kind: trace.KindPass}
		}
	case 12:
		if one = (trace.Event{Kind: trace.KindPass}); (*aOnce)(p).done == 0 {
			one.Kind = trace.KindActionBegin
			s.runs = append(s.runs, o)
		}
	case 14, 15:
		s.calls = o
	case 20:
		one = trace.Event{Kind: trace.KindRead}
	case 21, 22, 23, 24, 25, 26:
		one = trace.Event{Kind: trace.KindWrite}
	default:
		if op.class == classMap {
			one = trace.Event{Kind: trace.KindOp, Text: op.verb}
		}
	}
	if one.Kind != trace.KindBad {
		s.tell(t, at, one)
	}
	s.goesOn(t)
}

// channel is like did, for a channel.
//
//go:norace
func (s *teller) channel(t *engine.Task, kind uint8, o *object) {
	at, c := s.know(o), (*aChan)(o.p)
	send := kind == opSend || kind == opTrySend
	switch {
	case kind == opClose:
		if c.closed == 0 {
			s.tell(t, at, trace.Event{Kind: trace.KindClose})
			s.met = meeting{o, kind}
		}
	case !rtCan(o.p, send):
		if kind == opTrySend || kind == opTryReceive {
			s.tell(t, at, trace.Event{Kind: trace.KindTryFail, N: 1, Text: operations[kind].verb})
		}
	case send && c.closed != 0: // it panics
	case send:
		s.met = meeting{o, opSend}
		if c.n < c.size && !s.waitsAt(o, false) {
			s.putInto(t, o, t.Plain.Item)
			s.met = meeting{}
		}
	case c.n > 0:
		s.getFrom(t, o)
		s.met = meeting{o, opReceive}
	case c.closed != 0:
		s.tell(t, at, trace.Event{Kind: trace.KindPass})
	default:
		s.met = meeting{o, opReceive}
	}
}

func (s *teller) putInto(t *engine.Task, o *object, item string) {
	o.put++
	o.items = append(o.items, o.put)
	s.tell(t, &o.obj, trace.Event{Kind: trace.KindPut, N: o.put, Text: item})
}

func (s *teller) getFrom(t *engine.Task, o *object) {
	if len(o.items) == 0 {
		return
	}
	n := o.items[0]
	o.items = o.items[1:]
	s.tell(t, &o.obj, trace.Event{Kind: trace.KindGet, N: n})
}

// item returns what t sends to o, where it waits.
func (w *teller1) item(t *engine.Task, o *object) string {
	if w.at != &w.sel {
		return t.Plain.Item
	}
	for i, c := range w.cases {
		if c.Chan == o.p && c.Send && i < len(t.Plain.Items) {
			return t.Plain.Items[i]
		}
	}
	return ""
}

// waitsAt reports whether a task waits at an end of channel o.
func (s *teller) waitsAt(o *object, send bool) bool {
	for _, w := range s.tasks {
		switch {
		case w == nil || w.at == nil || w.released || w.class != classChan:
		case w.at == &w.sel:
			if slices.Contains(w.cases, engine.Case{Chan: o.p, Send: send}) {
				return true
			}
		case w.at == &o.obj && w.send == send:
			return true
		}
	}
	return false
}

// chose is called when a select begins: it executes case i, or none.
func (s *teller) chose(t *engine.Task, i int, block bool) {
	s.begin(t)
	switch {
	case i >= 0 && len(t.Plain.Cases) > 0:
		kind := uint8(opReceive)
		if t.Plain.Cases[i].Send {
			kind, t.Plain.Item = opSend, t.Plain.Items[i]
		}
		s.channel(t, kind, run.object(t.Exec, t.Plain.Cases[i].Chan, classChan))
	case !block:
		s.tell(t, nil, trace.Event{Kind: trace.KindOp, Text: "takes the default of its select"})
	}
}
