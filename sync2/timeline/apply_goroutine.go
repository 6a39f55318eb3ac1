package timeline

import (
	"slices"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

func (c goroutineChange) spawn() error {
	g, o, ev := c.g, c.o, c.ev
	if ev.Peer == 0 {
		return c.wrong("%s starts no goroutine", c.gName())
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
	c.become(g, StatusEnded)
	return nil
}

func (c goroutineChange) resume() error {
	g := c.g
	if g.Status == StatusWaiting {
		return c.act()
	}
	if g.Status != StatusRunning {
		c.run(g)
	}
	return nil
}

func (c goroutineChange) fails() error {
	ev := c.ev
	c.fail = *ev
	return nil
}
