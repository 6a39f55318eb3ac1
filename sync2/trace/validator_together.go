package trace

import "fmt"

// What is particular to Watches and to groups of goroutines.

// setWatch: the versions have no gaps. Everybody is released who waits for one before it.
func (v *Validator) setWatch(ev *Event, o *vObject) (wrong string) {
	if ev.N != o.version+1 && !o.vague {
		wrong = fmt.Sprintf("the version after %d is not %d", o.version, ev.N)
	}
	o.version, o.vague = ev.N, false
	o.pending = 0
	for _, g := range o.queue {
		if g.want < ev.N {
			o.pending++
		}
	}
	return wrong
}

// passNew: what a goroutine gets of a Watch is the latest. It passes a group none of whose members is left.
func (o *vObject) passNew(ev *Event) string {
	switch {
	case o.vague:
	case o.class == ClassWatch && ev.N != o.version:
		return fmt.Sprintf("the version is %d, not %d", o.version, ev.N)
	case o.class == ClassTaskGroup && len(o.team) > 0:
		return fmt.Sprintf("%d of its members have not ended", len(o.team))
	}
	return ""
}

// mayReleaseNew checks that there is a reason to release g, which waits at o.
func (o *vObject) mayReleaseNew(g *vGoroutine) string {
	switch {
	case o.class == ClassWatch && o.pending > 0:
		o.pending--
		if g.id != 0 && g.want >= o.version && !o.vague {
			return fmt.Sprintf("it waits for a version after %d, and this is %d", g.want, o.version)
		}
	case o.vague:
	case o.class == ClassWatch:
		return "nobody has released it: there is no event before that says so"
	case o.family(g.verb) == "Go":
		if o.limit > 0 && int64(len(o.team)) >= o.limit {
			return fmt.Sprintf("there is no place: %d run", len(o.team))
		}
	case len(o.team) > 0:
		return fmt.Sprintf("%d of its members have not ended", len(o.team))
	}
	return ""
}

// joins: a group has no more members at once than it may have. Those of before the trace are not all known.
func (o *vObject) joins(ev *Event) string {
	if o.team == nil {
		o.team = make(map[int64]bool)
	}
	o.vague = o.vague || ev.G == 0
	o.team[ev.Peer] = true
	if o.limit > 0 && int64(len(o.team)) > o.limit && !o.vague {
		return fmt.Sprintf("%d run, and there may be %d", len(o.team), o.limit)
	}
	return ""
}

// leaves: a member ends once, and the number of the others is right.
func (o *vObject) leaves(ev *Event) (wrong string) {
	if !o.team[ev.G] && !o.vague {
		wrong = "it is no member, or has ended before"
	}
	delete(o.team, ev.G)
	if ev.N < int64(len(o.team)) {
		first(&wrong, fmt.Sprintf("%d have not ended, not %d", len(o.team), ev.N))
	}
	if ev.N == 0 {
		o.team, o.vague = nil, false
	}
	return wrong
}
