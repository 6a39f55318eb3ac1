package timeline

import (
	"slices"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Channels and select statements.

// wantsFrom records at which end of the channel o g waits.
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

// renew clears the cases of the select o if the wait for them is over.
func (o *Object) renew() {
	if o.past {
		o.Cases, o.Chosen, o.past = nil, 0, false
	}
}

// watchChan adds channel o to those for which g is about to wait in a select.
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

// chose records that g completes the operation at channel o for which it waited in a select.
func (c chanChange) chose(send bool) {
	g, o := c.g, c.o
	if g.Status != StatusReleased || o.Class != trace.ClassChan || !c.watches(g.For, o.ID) {
		return
	}
	sel := c.object(g.For)
	sel.Chosen = 1 + slices.Index(sel.Cases, Case{o.ID, send})
}
