package timeline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Words for the goroutines that keep others waiting.

// Deadlock describes d: "ann holds fork-1 and waits for fork-2; ben holds fork-2 and waits for fork-1".
func (w Words) Deadlock(d Deadlock) string {
	var parts []string
	for i, l := range d {
		if i == maxListed && len(d) > maxListed+1 {
			parts = append(parts, fmt.Sprintf("and so on, %d more", len(d)-i))
			break
		}
		g := w.s.Goroutine(l.G)
		if g == nil {
			continue
		}
		words := w.GName(l.G)
		if how := w.blocks(g, w.s.Object(l.Holds)); how != "" {
			words += " " + how + " and"
		}
		parts = append(parts, words+" "+w.at(g).waitsFor())
	}
	return safetext.Line(strings.Join(parts, "; "))
}

// Blocks describes how goroutine g, one of the [State.Blockers] of a goroutine that waits for object id, blocks that
// wait: "holds fork-1", "runs f". It returns "" if the object is g itself.
func (w Words) Blocks(g int64, id trace.ID) string {
	if x := w.s.Goroutine(g); x != nil {
		return safetext.Line(w.blocks(x, w.s.Object(id)))
	}
	return ""
}

func (w Words) blocks(g *Goroutine, o *Object) string {
	if o == nil || o.Class == trace.ClassGoroutine {
		return ""
	}
	if fs := w.s.unsettled(o); len(fs) > 0 { // of a group: the one it runs, or any
		i := slices.IndexFunc(fs, func(f *Object) bool { return f.Worker == g.ID })
		o = fs[max(i, 0)]
	}
	switch {
	case o.Class == trace.ClassChan:
		return w.comesTo(o)
	case o.Class == trace.ClassSelect:
		for _, c := range o.Cases {
			if ch := w.s.Object(c.Obj); ch != nil && slices.Contains(ch.end(!c.Send), g.ID) {
				return w.comesTo(ch)
			}
		}
		return ""
	case o.Class == trace.ClassRWMutex:
		return w.blocksRW(g, o)
	case o.Class == trace.ClassOnce:
		return "runs the function of " + w.ObjName(o.ID)
	case o.Class == trace.ClassTaskGroup && slices.Contains(o.Team, g.ID):
		return "runs in " + w.ObjName(o.ID)
	case o.Class == trace.ClassTaskGroup:
		return "wants to start a goroutine in " + w.ObjName(o.ID)
	case o.Class != trace.ClassFuture:
		return "holds " + w.ObjName(o.ID)
	case o.Worker == g.ID && o.Progress == ProgressRunning:
		return "runs " + w.ObjName(o.ID)
	}
	if e := w.s.Object(o.Parent); e != nil && len(e.Busy) > 1 {
		return "works for " + w.ObjName(o.Parent) + ", all of whose workers wait,"
	}
	return "works for " + w.ObjName(o.Parent) + ", which has no other worker for " + w.ObjName(o.ID) + ","
}

// blocksRW describes how g relates to the RWMutex o, for which another goroutine waits.
func (w Words) blocksRW(g *Goroutine, o *Object) string {
	if i := holdOf(o.Holders, g.ID); i >= 0 {
		return "holds " + w.heldAs(o.Holders[i])
	}
	return "is ahead of it at " + w.ObjName(o.ID)
}

// comesTo describes the end of channel o that waiters need: the one where no goroutine waits.
func (w Words) comesTo(o *Object) string {
	if len(w.s.AtEnd(o.ID, true)) > 0 {
		return "receives from " + w.ObjName(o.ID)
	}
	return "sends to " + w.ObjName(o.ID)
}

// OtherEnd describes the other end of the channel for which goroutine g waits, if no goroutine is known that could
// use it: "no goroutine has tried to receive from c", "every goroutine that sent to c has ended: ann". It returns "" if a
// goroutine that has used the other end has not ended, or if g does not wait for a channel. Goroutines that hold a
// channel but have not used it are not known.
func (w Words) OtherEnd(g int64) string {
	x := w.s.Goroutine(g)
	if x == nil || x.Status != StatusWaiting {
		return ""
	}
	var words []string
	for _, c := range w.s.casesOf(x) {
		o := w.s.Object(c.Obj)
		if o == nil || o.Class == trace.ClassNilChan {
			continue
		}
		if len(w.s.others(o, g, c.Send)) > 0 {
			return ""
		}
		words = append(words, w.nobodyAt(o, g, !c.Send))
	}
	o := w.s.Object(x.For)
	switch {
	case len(words) > 0 || o == nil:
	case o.Class == trace.ClassNilChan:
		return "an operation on a nil channel blocks forever"
	case o.Class == trace.ClassSelect:
		return "a select without cases waits forever"
	}
	return strings.Join(words, "; ")
}

// nobodyAt says that all goroutines other than g that have been at an end of channel o have ended, or that there were
// none.
func (w Words) nobodyAt(o *Object, g int64, send bool) string {
	name := w.ObjName(o.ID)
	try, did := "receive from ", "received from "
	if send {
		try, did = "send to ", "sent to "
	}
	var gone []string
	none, every := "no goroutine", "every goroutine"
	for i, h := range o.end(send) {
		switch {
		case h == g:
			none, every = "no other goroutine", "every other goroutine"
		case len(gone) == maxListed:
			gone = append(gone, many(int64(len(o.end(send))-i), "more"))
		case len(gone) < maxListed:
			gone = append(gone, w.GName(h))
		}
	}
	if len(gone) == 0 {
		return none + " has tried to " + try + name
	}
	return every + " that " + did + name + " has ended: " + strings.Join(gone, ", ")
}

// WhyStuck describes why no goroutine can end the wait of goroutine g: "no goroutine can notify: customer has ended". It
// returns "" if some goroutine may, or if g does not wait. For channels see [Words.OtherEnd]; for other objects this is
// known only when all goroutines wait.
func (w Words) WhyStuck(g int64) string {
	if x := w.s.Goroutine(g); x != nil {
		return safetext.Line(w.at(x).nobody(w.s.graph()))
	}
	return ""
}

func (w waitWords) nobody(gr graph) string {
	x, o := w.g, w.o
	if x.Status != StatusWaiting || o == nil {
		return ""
	}
	if o.Class == trace.ClassChan || o.Class == trace.ClassSelect || o.Class == trace.ClassNilChan {
		return w.OtherEnd(x.ID)
	}
	can, did, by := w.gives()
	if !gr.rest || len(gr.blockers(x))+len(gr.givers(x, o)) > 0 {
		return ""
	}
	if o.Class == trace.ClassBarrier {
		return fmt.Sprintf("%d of %d have not arrived, and no goroutine is left to arrive", max(0, o.Parties-len(o.Arrived)), o.Parties)
	}
	if can == "" {
		return ""
	}
	gone := slices.DeleteFunc(slices.Clone(by), func(h int64) bool { return h == x.ID })
	switch {
	case len(gone) == 0 && o.Class == trace.ClassWaitGroup: // most count down once, when they end
		return ""
	case len(gone) == 0:
		return "no goroutine has " + did
	}
	return "no goroutine can " + can + ": " + w.haveEnded(gone)
}

// gives describes how a goroutine ends the wait of g for o: "notify", "notified", and which have done so.
func (w waitWords) gives() (can, did string, by []int64) {
	g, o := w.g, w.o
	switch o.Class {
	case trace.ClassCond:
		return "notify", "notified it", o.Senders
	case trace.ClassEvent:
		return "set it", "set it", o.Senders
	case trace.ClassWaitGroup:
		return "count it down", "counted it down", o.Senders
	case trace.ClassSemaphore:
		if o.Signals {
			return "release it", "released it", o.Senders
		}
	case trace.ClassQueue, trace.ClassStack, trace.ClassPriorityQueue:
		switch family(g.Verb) {
		case puts:
			return "take from it", "taken from it", o.Receivers
		case gets:
			return "put into it", "put into it", o.Senders
		}
	default:
	}
	return "", "", nil
}

// mostEnded is the maximum number of ended goroutines named.
const mostEnded = 3

// haveEnded returns "customer has ended", "ann and ben have ended".
func (w Words) haveEnded(gs []int64) string {
	names := make([]string, 0, mostEnded+1)
	for i, g := range gs {
		if i == mostEnded && len(gs) > mostEnded {
			names = append(names, fmt.Sprintf("%d more", len(gs)-i))
			break
		}
		names = append(names, w.GName(g))
	}
	last := len(names) - 1
	if last == 0 {
		return names[0] + " has ended"
	}
	return strings.Join(names[:last], ", ") + " and " + names[last] + " have ended"
}
