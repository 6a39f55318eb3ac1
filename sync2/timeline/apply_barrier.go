package timeline

import "github.com/turnstile-go/turnstile/sync2/trace"

// A barrier's parties arrive in generations. A generation is complete when its last party has arrived; while that
// party runs the action, further generations may fill, and even be complete and wait for their turn. Arrived holds
// the oldest generation, Next those behind it. A break or reset ends only the last generation, the incomplete one.

func (c barrierChange) arrive() error {
	g, o, ev := c.g, c.o, c.ev
	h := Hold{Obj: o.ID, G: g.ID, N: ev.N, Since: c.now}
	o.Fallen = nil
	if n := len(o.Arrived); o.Acting != 0 || n > 0 && o.isLast(o.Arrived[n-1]) {
		o.Next = append(o.Next, h)
	} else {
		o.Arrived = append(o.Arrived, h)
	}
	if o.Broken {
		return c.wrong("%s arrives at %s, which is broken", c.gName(), c.objName())
	}
	return nil
}

// isLast reports whether h is the arrival that completes a generation.
func (o *Object) isLast(h Hold) bool { return h.N == int64(o.Parties)-1 }

// advance makes the next generation the current one.
func (o *Object) advance() {
	for i, h := range o.Next {
		if o.isLast(h) {
			o.Arrived, o.Next = o.Next[:i+1:i+1], o.Next[i+1:]
			return
		}
	}
	o.Arrived, o.Next = o.Next, nil
}

// fall ends the incomplete generation without success.
func (o *Object) fall(why trace.Reason) {
	o.failing, o.why = true, why
	last := &o.Arrived
	if o.Acting != 0 || len(o.Next) > 0 {
		last = &o.Next
	}
	i := len(*last)
	for i > 0 && !o.isLast((*last)[i-1]) {
		i--
	}
	o.Fallen = append(o.Fallen, (*last)[i:]...)
	*last = (*last)[:i]
}

func (c barrierChange) actionBegin() error {
	g, o := c.g, c.o
	o.Acting = g.ID
	return nil
}

func (c barrierChange) actionEnd() error {
	o, ev := c.o, c.ev
	o.Acting = 0
	if o.Class == trace.ClassOnce {
		o.IsSet = ev.N == 0
		return nil
	}
	if ev.Text != "" { // it failed, and its generation with it; otherwise a Trip follows
		o.failing, o.why = true, trace.ReasonActionFailed
		o.Fallen = o.Arrived
		o.advance()
	}
	return nil
}

func (c barrierChange) trip() error {
	o, ev := c.o, c.ev
	o.Acting, o.failing = 0, false
	o.Passed = o.Arrived
	o.advance()
	o.Trips = count(ev.N)
	return nil
}

func (c barrierChange) breaks() error {
	g, o, ev := c.g, c.o, c.ev
	o.fall(trace.Reason(ev.N))
	o.Broken, o.By, o.Reason, o.Cause = true, g.ID, trace.Reason(ev.N), ev.Text
	return nil
}

func (c barrierChange) reset() error {
	o := c.o
	o.fall(trace.ReasonReset)
	o.Broken, o.By, o.Reason, o.Cause = false, 0, trace.ReasonNone, ""
	return nil
}
