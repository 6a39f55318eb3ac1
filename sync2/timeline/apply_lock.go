package timeline

import (
	"slices"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Mutexes, reentrant locks and RWMutexes.

func (c lockChange) lock() error {
	g, o, ev := c.g, c.o, c.ev
	var err error
	if o.Depth > 0 && o.Owner != g.ID {
		if o.Owner != 0 || o.Class == trace.ClassMutex {
			err = c.wrong("%s acquires %s, which %s holds", c.gName(), c.objName(), c.Words().GName(o.Owner))
		}
		c.free(o)
	}
	o.Owner, o.Depth = g.ID, max(1, ev.N)
	c.hold(g, o, o.Depth, false)
	return err
}

func (c lockChange) unlock() error {
	g, o, ev := c.g, c.o, c.ev
	if o.Depth == 0 {
		return c.wrong("%s releases %s, which is not held", c.gName(), c.objName())
	}
	if ev.N <= 0 {
		c.free(o)
		return nil
	}
	o.Depth = ev.N
	if i := holdOf(o.Holders, g.ID); i >= 0 {
		c.hold(g, o, ev.N, false)
	}
	return nil
}

// reads reports whether a verb of an RWMutex is for reading.
func reads(verb string) bool { return strings.HasPrefix(verb, "R") || strings.HasPrefix(verb, "TryR") }

// downgrade is the verb with which a writer becomes a reader.
const downgrade = "Downgrade"

func (c rwMutexChange) lock() error {
	g, o, ev := c.g, c.o, c.ev
	read := reads(ev.Text)
	if ev.Text == downgrade {
		if o.Depth == 0 {
			return c.wrong("%s downgrades %s, which is not held for writing", c.gName(), c.objName())
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
		return c.wrong("%s releases %s, which is not held", c.gName(), c.objName())
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
		o.mixed, i = true, 0 // it unlocks for another reader, and the event does not say which
	}
	c.letGo(o, i, 1)
	o.mixed = o.mixed && len(o.Holders) > 0
	return nil
}
