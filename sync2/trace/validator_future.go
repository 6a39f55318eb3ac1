package trace

import "fmt"

// Futures.

// vFuture is the known state of a future.
type vFuture struct {
	progress  int64 // a sync2.State, 0 if not known
	submitted bool
}

// Values of sync2.State used here.
const (
	vPending   = 1
	vStarted   = 2
	vSucceeded = 3
	vCanceled  = 5
)

func (c futureCheck) define() string {
	if c.ev.N <= vCanceled {
		c.o.future.progress = c.ev.N
	}
	return ""
}

func (c futureCheck) submit() (wrong string) {
	f := &c.o.future
	if f.submitted || f.progress > vPending {
		wrong = "it was submitted before"
	}
	*f = vFuture{progress: vPending, submitted: true}
	if c.ev.Peer != 0 {
		_, w := c.object(ID(c.ev.Peer))
		first(&wrong, w)
	}
	return wrong
}

func (c futureCheck) taskStart() (wrong string) {
	if c.o.future.progress > vPending {
		wrong = "it has begun or is settled"
	}
	c.o.future.progress = vStarted
	return wrong
}

// settle: a future is settled once, and a member of a group ends once.
func (c futureCheck) settle() (wrong string) {
	n, f := c.ev.N, &c.o.future
	switch {
	case c.o.class == ClassFuture && f.progress >= vSucceeded:
		wrong = "it is settled"
	case n < vSucceeded || n > vCanceled:
		wrong = fmt.Sprintf("%d is not a settled state", n)
	}
	f.progress = max(vSucceeded, n)
	return wrong
}

func (c futureCheck) wait() string {
	if c.o.future.progress >= vSucceeded {
		return "the future is settled"
	}
	return ""
}

func (c futureCheck) pass() string {
	if p := c.o.future.progress; p != 0 && p < vSucceeded {
		return "the future is not settled"
	}
	return ""
}

// watch: a group watches a future whose state is the one known; a select watches a channel.
func (c futureCheck) watch() string {
	group, wrong := c.object(ID(c.ev.Peer))
	n, p := c.ev.N, c.o.future.progress
	switch {
	case wrong != "":
	case c.o.class != ClassFuture:
		return chanCheck(c).watch(group)
	case group.class != ClassGroup && !c.lost:
		wrong = fmt.Sprintf("%s is not a group", group.name)
	case n < vPending || n > vCanceled:
		wrong = fmt.Sprintf("%d is not a state", n)
	case p != 0 && n != p && !c.lost:
		wrong = fmt.Sprintf("the future is in state %d, not %d", p, n)
	}
	return wrong
}
