package timeline

import (
	"slices"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// The goroutines that are, or have been, at each end of a channel.

// maxEnds is the maximum number of goroutines remembered at each end of a channel.
const maxEnds = 64

// join adds g to the goroutines at one end of a channel, unless it is already there or unknown.
func join(end *[]int64, g int64) {
	if g != 0 && len(*end) < maxEnds && !slices.Contains(*end, g) {
		*end = append(*end, g)
	}
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

// end returns the goroutines that have been at one end of channel o, to send or to receive.
func (o *Object) end(send bool) []int64 {
	if send {
		return o.Senders
	}
	return o.Receivers
}

// others returns the live goroutines other than g that have been at the end of channel o opposite to that where g
// waits.
func (s *State) others(o *Object, g int64, sends bool) []int64 {
	var gs []int64
	for _, h := range o.end(!sends) {
		if x := s.Goroutine(h); h != g && x != nil && x.Status != StatusEnded {
			gs = append(gs, h)
		}
	}
	return gs
}

// casesOf returns the channel operations for which the waiting g waits.
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
