package timeline

import (
	"fmt"
	"strings"

	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Describe describes ev in one line, such as "worker-2 arrives at start-line, 2nd of 4". s must be the State
// immediately after ev. Describe returns "" for an event that is of no interest to people, such as the definition of a
// position, or an event of an object that is [Object.Internal].
func Describe(s *State, ev trace.Event) string {
	who, what := s.Words().Event(ev)
	return strings.TrimPrefix(who+" "+what, " ")
}

// Event returns the two parts of [Describe]: the goroutine, "" if there is none, and what it does.
func (w Words) Event(ev trace.Event) (who, what string) {
	ev.Text = safetext.Cut(ev.Text, maxText)
	if o := w.s.Object(ev.Obj); o != nil && o.Internal() {
		return "", ""
	}
	if int(ev.Kind) >= len(phrases) || phrases[ev.Kind] == nil {
		what = fmt.Sprintf("does %s", ev.Kind)
		if ev.Obj != 0 {
			what += " at " + w.ObjName(ev.Obj)
		}
	} else {
		o := w.s.Object(ev.Obj)
		if o == nil {
			o = &Object{ID: ev.Obj}
		}
		what = phrases[ev.Kind](w, &ev, o, w.ObjName(ev.Obj))
	}
	if ev.G != 0 && what != "" {
		who = w.GName(ev.G)
	} else if o := w.s.Object(ev.Obj); o != nil && ev.Kind == trace.KindPut && o.Class == trace.ClassChan {
		who = "time" // only a timer sends to a channel without being a goroutine
	}
	return safetext.Line(who), safetext.Line(what)
}

// A phrase describes the event ev at its object o, which is called name.
type phrase func(w Words, ev *trace.Event, o *Object, name string) string

// fixed returns a phrase that is always the same.
func fixed(words string) phrase {
	return func(Words, *trace.Event, *Object, string) string { return words }
}

// plain returns a phrase with words before and after the object's name.
func plain(before, after string) phrase {
	return func(_ Words, _ *trace.Event, _ *Object, name string) string { return before + name + after }
}

var phrases = [...]phrase{
	trace.KindBegin:     fixed("the trace begins"),
	trace.KindDropped:   sayDropped,
	trace.KindEnd:       fixed("the trace ends"),
	trace.KindLog:       sayLog,
	trace.KindDefineG:   sayDefineG,
	trace.KindDefineObj: sayDefineObj,
	trace.KindDefinePC:  fixed(""),
	trace.KindRename:    sayRename,

	trace.KindSpawn:   saySpawn,
	trace.KindExit:    sayExit,
	trace.KindBlock:   sayBlock,
	trace.KindUnblock: sayUnblock,
	trace.KindGiveUp:  sayGiveUp,
	trace.KindResume:  fixed("goes on"),

	trace.KindSet:     saySet,
	trace.KindClear:   sayClear,
	trace.KindPass:    sayPass,
	trace.KindAcquire: sayAcquire,
	trace.KindRelease: sayRelease,
	trace.KindTryFail: sayTryFail,

	trace.KindArrive:      sayArrive,
	trace.KindActionBegin: sayActionBegin,
	trace.KindActionEnd:   sayActionEnd,
	trace.KindTrip:        sayTrip,
	trace.KindBreak:       sayBreak,
	trace.KindReset:       plain("resets ", ""),

	trace.KindSetValue:  saySetValue,
	trace.KindDropValue: plain("drops its ", ""),
	trace.KindNotify:    sayNotify,

	trace.KindPut:      sayPut,
	trace.KindGet:      sayGet,
	trace.KindTaskDone: sayTaskDone,
	trace.KindClose:    sayClose,

	trace.KindSubmit:    saySubmit,
	trace.KindTaskStart: plain("begins ", ""),
	trace.KindSettle:    saySettle,
	trace.KindCancel:    sayCancel,
	trace.KindWatch:     fixed(""),

	trace.KindRead:  sayRead,
	trace.KindWrite: sayWrite,
	trace.KindOp:    sayOp,

	trace.KindAdd:  sayAdd,
	trace.KindFire: sayFire,
	trace.KindFail: sayFail,

	trace.KindForget:  fixed(""),
	trace.KindResize:  sayResize,
	trace.KindRequeue: sayRequeue,
	trace.KindPanic:   sayPanic,
}
