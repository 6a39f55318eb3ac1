package trace

// Goroutines, and their handles: objects on which others wait for a goroutine's end.

func (c goroutineCheck) spawn() string {
	child, wrong := c.goroutine(c.ev.Peer)
	if c.o.class == ClassTaskGroup {
		first(&wrong, groupCheck(c).joins())
	}
	switch {
	case c.ev.Peer == 0 || c.ev.Peer == c.g.id:
		return "it starts no goroutine"
	case child.status == vUnknown && !c.lost:
		child.status = vRunning
	}
	return wrong
}

func (c goroutineCheck) exit() string {
	c.g.status = vEnded
	return ""
}

func (c goroutineCheck) resume() (wrong string) {
	switch {
	case c.g.status == vUnknown:
	case c.g.status == vWaiting:
		wrong = c.act(c.g)
	case c.g.status != vReleased || c.g.obj != c.ev.Obj:
		wrong = "it was not released from that"
	}
	c.g.status = vRunning
	return wrong
}

func (c goroutineCheck) define() string {
	c.o.of = c.ev.N
	return ""
}

func (c goroutineCheck) wait() string {
	if c.status(c.o.of) == vEnded {
		return "the goroutine has ended"
	}
	return ""
}

func (c goroutineCheck) pass() string {
	switch c.status(c.o.of) {
	case vRunning, vWaiting, vReleased:
		return "the goroutine has not ended"
	case vUnknown, vEnded:
	}
	return ""
}
