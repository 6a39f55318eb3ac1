package tui

import (
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/stage"
)

// keepEvents is the least number of events kept of a watched program. Each takes less than 300 bytes.
const keepEvents = 500_000

// replaceRecording replaces the player's recording by its successor once that has enough events. The playhead stays at its event, or
// goes to the first event that is kept.
func (p *player) replaceRecording() {
	old, next := p.rec, p.rec.Grown()
	if next == nil {
		return
	}
	cut := old.Len() - next.Len()
	was, k := old.Clock(), next.SetEven(old.Even)
	n := was.Count(p.pos)
	rest := p.pos - was.PosOf(n)
	ahead := p.liveEnd - was.End()
	p.rec = next
	if n -= cut; n < 0 {
		n, rest = 0, 0
		p.say = "Earlier events were discarded; this is the first one kept."
	}
	moved := p.pos
	p.pos = p.landed(k, n, rest)
	moved -= p.pos
	p.liveEnd = k.End() + max(0, ahead)
	p.lanes.Shift(moved, k.Zero-was.Zero)
	for i := range p.marks {
		p.marks[i] -= cut
	}
	p.marks = slices.DeleteFunc(p.marks, func(n int) bool { return n <= 0 })
	if f := p.finder; f != nil {
		f.at, f.hits, f.from = 0, nil, max(0, f.from-cut)
	}
	p.stats.Forget()
	p.slider, p.log.lines, p.back = stage.Slider{}, nil, 0
}

// landed returns the position on clock k that is rest after event n, but before the next event.
func (p *player) landed(k *scene.Clock, n int, rest time.Duration) time.Duration {
	pos := k.PosOf(n)
	if n < p.rec.Len() {
		return max(pos, min(pos+rest, k.PosOf(n+1)-1))
	}
	return pos
}
