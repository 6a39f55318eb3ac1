package trace

import (
	"fmt"
	"strings"
)

// Groups of goroutines.

// vTeam is the set of members of a group that have not ended.
type vTeam struct {
	limit   int64 // the maximum number running at once; 0: no limit
	members map[int64]bool
}

func groupFamily(verb string) string {
	if strings.HasPrefix(verb, "Go") {
		return "Go"
	}
	return ""
}

func (c groupCheck) define() string {
	c.o.team.limit = c.ev.N
	return ""
}

// joins: a group never has more running members than its limit. Members older than the trace are not all known.
func (c groupCheck) joins() string {
	t := &c.o.team
	if t.members == nil {
		t.members = make(map[int64]bool)
	}
	c.o.vague = c.o.vague || c.ev.G == 0
	t.members[c.ev.Peer] = true
	if n := int64(len(t.members)); t.limit > 0 && n > t.limit && !c.o.vague {
		return fmt.Sprintf("%d are running, but the limit is %d", n, t.limit)
	}
	return ""
}

// leaves: a member ends once, and the number of remaining members is right.
func (c groupCheck) leaves() (wrong string) {
	t := &c.o.team
	if !t.members[c.ev.G] && !c.o.vague {
		wrong = "it is not a member, or has already ended"
	}
	delete(t.members, c.ev.G)
	if n := len(t.members); c.ev.N < int64(n) {
		first(&wrong, fmt.Sprintf("%d have not ended, not %d", n, c.ev.N))
	}
	if c.ev.N == 0 {
		t.members, c.o.vague = nil, false
	}
	return wrong
}

// release: a goroutine waiting to start a member has room for it; for other waiters no member is left.
func (c groupCheck) release() string {
	t := &c.o.team
	if c.o.family(c.g.verb) != "Go" {
		return c.pass()
	}
	if n := int64(len(t.members)); t.limit > 0 && n >= t.limit && !c.o.vague {
		return fmt.Sprintf("there is no room: %d are running", n)
	}
	return ""
}

// pass: no member is left.
func (c groupCheck) pass() string {
	if n := len(c.o.team.members); n > 0 && !c.o.vague {
		return fmt.Sprintf("%d of its members have not ended", n)
	}
	return ""
}
