package timeline

import (
	"slices"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Of plain Go: channels and select statements, RWMutexes, WaitGroups, Onces and timers.

// maxEnds bounds how many goroutines are remembered at each end of a channel.
const maxEnds = 64

// join adds g to those at one end of a channel, unless it is there or nobody known.
func join(end *[]int64, g int64) {
	if g != 0 && len(*end) < maxEnds && !slices.Contains(*end, g) {
		*end = append(*end, g)
	}
}

// wantsFrom notes at which end of the channel o g waits.
func (o *Object) wantsFrom(g int64, verb string) {
	if o.Class != trace.ClassChan {
		return
	}
	switch family(verb) {
	case puts:
		join(&o.Senders, g)
	case gets:
		join(&o.Receivers, g)
	}
}

// renew forgets the cases of the select o if the wait for them is over.
func (o *Object) renew() {
	if o.past {
		o.Cases, o.Chosen, o.past = nil, 0, false
	}
}

// watchChan makes channel o one of those for which g is about to wait in a select.
func (c chanChange) watch() {
	g, o, ev := c.g, c.o, c.ev
	o.wantsFrom(g.ID, ev.Text)
	if ev.Peer == 0 {
		return
	}
	sel := c.object(trace.ID(ev.Peer))
	sel.renew()
	sel.Cases = append(sel.Cases, Case{Obj: o.ID, Send: family(ev.Text) == puts})
	sel.Touched = c.now
}

// chose notes that g does at channel o what it has waited for in a select.
func (c chanChange) chose(send bool) {
	g, o := c.g, c.o
	if g.Status != Released || o.Class != trace.ClassChan || !c.watches(g.For, o.ID) {
		return
	}
	sel := c.object(g.For)
	sel.Chosen = 1 + slices.Index(sel.Cases, Case{o.ID, send})
}

// watches reports whether channel id is one of the cases of select sel.
func (s *State) watches(sel, id trace.ID) bool {
	o := s.Object(sel)
	return o != nil && slices.ContainsFunc(o.Cases, func(c Case) bool { return c.Obj == id })
}

// AtEnd returns the goroutines that wait to send to channel id, or to receive from it, in the order in which they began
// to wait. It includes goroutines that wait in a select statement.
func (s *State) AtEnd(id trace.ID, send bool) []int64 {
	o := s.Object(id)
	if o == nil {
		return nil
	}
	var gs []int64
	for _, g := range o.Queue {
		if (family(s.verb(g)) == puts) == send {
			gs = append(gs, g)
		}
	}
	direct := len(gs)
	for _, sel := range s.objs {
		if sel.Class == trace.ClassSelect && len(sel.Queue) > 0 && slices.Contains(sel.Cases, Case{id, send}) {
			gs = append(gs, sel.Queue...)
		}
	}
	if len(gs) > direct {
		slices.SortStableFunc(gs, func(a, b int64) int { return int(s.seq(a)) - int(s.seq(b)) })
	}
	return gs
}

// seq returns the number of the last event of goroutine g.
func (s *State) seq(g int64) uint64 {
	if x := s.Goroutine(g); x != nil {
		return x.Last.Seq
	}
	return 0
}

// reads reports whether a verb of an RWMutex is about reading.
func reads(verb string) bool { return strings.HasPrefix(verb, "R") || strings.HasPrefix(verb, "TryR") }

// downgrade is the verb with which a writer becomes a reader.
const downgrade = "Downgrade"

func (c rwMutexChange) lock() error {
	g, o, ev := c.g, c.o, c.ev
	read := reads(ev.Text)
	if ev.Text == downgrade {
		if o.Depth == 0 {
			return c.wrong("%s downgrades %s, which nobody holds for writing", c.gName(), c.objName())
		}
		c.free(o)
		read = true
	}
	var err error
	if o.Depth > 0 || !read && len(o.Holders) > 0 {
		err = c.wrong("%s acquires %s, which %s holds", c.gName(), c.objName(), c.Words().GName(o.Holders[0].G))
		c.free(o)
	}
	if read {
		c.hold(g, o, 1, true)
	} else {
		o.Owner, o.Depth = g.ID, 1
		c.hold(g, o, 1, false)
	}
	for _, in := range [][]Hold{g.Holds, o.Holders} {
		if i := slices.IndexFunc(in, func(h Hold) bool { return h.Obj == o.ID && h.G == g.ID }); i >= 0 {
			in[i].Read = read
		}
	}
	return err
}

func (c rwMutexChange) unlock() error {
	g, o, ev := c.g, c.o, c.ev
	if len(o.Holders) == 0 || reads(ev.Text) == (o.Depth > 0) {
		return c.wrong("%s releases %s, which nobody holds", c.gName(), c.objName())
	}
	if o.Depth > 0 {
		c.free(o)
		return nil
	}
	i := holdOf(o.Holders, g.ID)
	if i < 0 {
		i = holdOf(o.Holders, 0)
	}
	if i < 0 {
		o.mixed, i = true, 0 // it unlocks for another, and nobody says for whom
	}
	c.letGo(o, i, 1)
	o.mixed = o.mixed && len(o.Holders) > 0
	return nil
}

func (c flagChange) add() error {
	g, o, ev := c.g, c.o, c.ev
	n := count(ev.N)
	if n < o.Count {
		join(&o.Senders, g.ID)
	}
	o.Added = n - o.Count
	o.Count = n
	if ev.N < 0 {
		return c.wrong("the counter of %s is %d", c.objName(), ev.N)
	}
	return nil
}

func (c flagChange) fire() error {
	o, ev := c.o, c.ev
	o.IsSet, o.Deadline = ev.N > 0, time.Duration(max(0, ev.N))
	o.Fired = plus(o.Fired, 1)
	return nil
}

func (c goroutineChange) fails() error {
	ev := c.ev
	c.fail = *ev
	return nil
}

// AtRest reports whether all goroutines that have not ended are waiting and no timer is set, so that nothing more
// happens unless an unknown goroutine intervenes.
func (s *State) AtRest() bool {
	waits := false
	for _, g := range s.gs {
		switch g.Status {
		case Ended:
		case Waiting:
			if o := s.Object(g.For); o != nil && o.Class == trace.ClassClock {
				return false
			}
			waits = true
		case Unknown, Running, Released, GaveUp:
			return false
		}
	}
	return waits && !slices.ContainsFunc(s.objs, func(o *Object) bool { return o.Class == trace.ClassTimer && o.IsSet })
}

// end returns who has been at one end of channel o, to send or to receive.
func (o *Object) end(send bool) []int64 {
	if send {
		return o.Senders
	}
	return o.Receivers
}

// others returns who has been at the other end of channel o than g, which waits there, and has not ended.
func (s *State) others(o *Object, g int64, sends bool) []int64 {
	var gs []int64
	for _, h := range o.end(!sends) {
		if x := s.Goroutine(h); h != g && x != nil && x.Status != Ended {
			gs = append(gs, h)
		}
	}
	return gs
}

// casesOf returns what g, which waits, waits for at channels.
func (s *State) casesOf(g *Goroutine) []Case {
	o := s.Object(g.For)
	switch {
	case o == nil:
		return nil
	case o.Class == trace.ClassSelect:
		return o.Cases
	case o.Class == trace.ClassChan:
		return []Case{{g.For, family(g.Verb) == puts}}
	}
	return nil
}

// partners returns who could come to the other end of a channel where g waits, as far as that can be told from who has
// been there; nobody if of one of the channels it is not known.
func (gr graph) partners(g *Goroutine) []int64 {
	var gs []int64
	for _, c := range gr.casesOf(g) {
		o := gr.Object(c.Obj)
		if o == nil || o.Class == trace.ClassNilChan {
			continue
		}
		of := gr.others(o, g.ID, c.Send)
		if len(of) == 0 {
			return nil
		}
		for _, h := range of {
			if !slices.Contains(gs, h) {
				gs = append(gs, h)
			}
		}
	}
	return gs
}

// OtherEnd describes the other end of the channel for which goroutine g waits, if no goroutine is known that could use
// it: "nobody has tried to receive from c", "whoever sent to c has ended: ann". It returns "" if a goroutine that has
// used the other end has not ended, or if g does not wait for a channel. Goroutines that hold a channel but have not
// used it are not known.
func (w Words) OtherEnd(g int64) string {
	x := w.s.Goroutine(g)
	if x == nil || x.Status != Waiting {
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
		return "nobody can ever come to a nil channel"
	case o.Class == trace.ClassSelect:
		return "a select without cases waits forever"
	}
	return strings.Join(words, "; ")
}

// nobodyAt says that of those who have been at an end of channel o all but g have ended, or that there are none.
func (w Words) nobodyAt(o *Object, g int64, send bool) string {
	name := w.ObjName(o.ID)
	try, did := "receive from ", "received from "
	if send {
		try, did = "send to ", "sent to "
	}
	var gone []string
	self := ""
	for i, h := range o.end(send) {
		switch {
		case h == g:
			self = " else"
		case len(gone) == maxListed:
			gone = append(gone, many(int64(len(o.end(send))-i), "more"))
		case len(gone) < maxListed:
			gone = append(gone, w.GName(h))
		}
	}
	if len(gone) == 0 {
		return "nobody" + self + " has tried to " + try + name
	}
	return "whoever" + self + " " + did + name + " has ended: " + strings.Join(gone, ", ")
}

// comesTo says to which end of channel o one comes for whom somebody waits there: that at which nobody waits.
func (w Words) comesTo(o *Object) string {
	if len(w.s.AtEnd(o.ID, true)) > 0 {
		return "receives from " + w.ObjName(o.ID)
	}
	return "sends to " + w.ObjName(o.ID)
}

// owesRW says what g has to do with the RWMutex o, for which somebody else waits.
func (w Words) owesRW(g *Goroutine, o *Object) string {
	if i := holdOf(o.Holders, g.ID); i >= 0 {
		return "holds " + w.heldAs(o.Holders[i])
	}
	return "comes before it at " + w.ObjName(o.ID)
}
