package tui

import (
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A program that is watched may run for days, and memory is not without end. So the player keeps the last events of it: at
// least keepEvents, and at most twice as many. When a reel has keepEvents, it gets an heir, which begins with the State of
// that moment and is given all further events too. When the heir has as many, it takes the place of the reel. Nothing is
// copied or counted anew then, so no frame waits for it; the price is that an event is taken in twice.

// keepEvents is how many events of a program that is watched are kept at least. Each takes less than 300 bytes.
const keepEvents = 500_000

// newReelFrom returns a reel for the events that follow s, the State after what is not kept.
func newReelFrom(s *timeline.State) *reel {
	r := &reel{start: s.Clone()}
	r.tl.Start(s)
	r.clocks[1].even = true
	r.clocks[0].zero, r.clocks[1].zero = s.Now(), s.Now()
	r.cursor, r.behind = r.tl.Cursor(), r.tl.Cursor()
	for _, o := range s.Objects() {
		r.know(o)
	}
	for _, g := range s.Goroutines() {
		r.hist.update(0, g)
	}
	return r
}

// keepLast makes r give way to an heir when it holds more than n events; see [player.inherit].
func (r *reel) keepLast(n int) { r.keep = n }

// keepAll makes r hold all events from now on.
func (r *reel) keepAll() { r.keep, r.heir = 0, nil }

// bequeath gives event ev, the last one, to the heir, or begins one.
func (r *reel) bequeath(ev *trace.Event) {
	switch {
	case r.keep == 0:
	case r.heir != nil:
		_ = r.heir.tl.Append(*ev) // as in add
		r.heir.note(r.heir.len())
	case r.len() >= r.keep:
		r.heir = newReelFrom(r.tl.Now())
		r.heir.gone, r.heir.keep, r.heir.even, r.heir.dead = r.gone+r.len(), r.keep, r.even, r.dead
	}
}

// inherit puts the heir of the player's reel in its place if that is complete. The playhead stays at its event, or goes to the
// first that is kept.
func (p *player) inherit() {
	old, heir := p.reel, p.reel.heir
	if heir == nil || heir.len() < old.keep {
		return
	}
	cut := old.len() - heir.len()
	was, k := old.clock(), heir.setEven(old.even)
	n := was.count(p.pos)
	rest := p.pos - was.posOf(n)
	ahead := p.liveEnd - was.end()
	p.reel = heir
	if n -= cut; n < 0 {
		n, rest = 0, 0
		p.say = "Earlier events were discarded; this is the first one kept."
	}
	moved := p.pos
	p.pos = p.landed(k, n, rest)
	moved -= p.pos
	p.liveEnd = k.end() + max(0, ahead)
	if p.lanes.real {
		moved = k.zero - was.zero
	}
	p.lanes.from = max(0, p.lanes.from-moved)
	p.lanes.seen -= moved
	for i := range p.marks {
		p.marks[i] -= cut
	}
	p.marks = slices.DeleteFunc(p.marks, func(n int) bool { return n <= 0 })
	if f := p.finder; f != nil {
		f.at, f.hits, f.from = 0, nil, max(0, f.from-cut)
	}
	if t := p.stats; t != nil {
		t.sum, t.made = timeline.Stats{}, 0
	}
	p.slider, p.log.lines, p.back = slider{}, nil, 0
}

// landed returns the position of clock k that is rest after event n, but before the next event.
func (p *player) landed(k *clock, n int, rest time.Duration) time.Duration {
	pos := k.posOf(n)
	if n < p.reel.len() {
		return max(pos, min(pos+rest, k.posOf(n+1)-1))
	}
	return pos
}
