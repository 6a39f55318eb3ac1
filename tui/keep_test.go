package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A player that keeps the last events shows at each of them what one shows that keeps all.
func TestKeepsTheLastEvents(t *testing.T) {
	const keep, each = 5000, 333
	tp := queued(120).object("never", trace.ClassEvent, 0, "").block("sleeper", "never", "Wait", 0)
	turn, given := 0, 0
	whole, kept := newPlayer("all", 1, false), newPlayer("last", 1, false)
	for _, p := range []*player{whole, kept} {
		p.live, p.follow, p.watched = true, true, true
	}
	kept.reel.keepLast(keep)
	took := func(p *player) { p.add(tp.events[given:]); p.advance(time.Second / 30) }
	for range 60 {
		turn = tp.turns(120, turn, each)
		took(whole)
		took(kept)
		given = len(tp.events)
		if n := kept.reel.len(); n > 2*keep+each || given >= keep && n < keep {
			t.Fatalf("of %d events %d are kept, not between %d and %d", given, n, keep, 2*keep)
		}
		if kept.reel.gone+kept.reel.len() != given {
			t.Fatalf("%d events are gone and %d kept, of %d", kept.reel.gone, kept.reel.len(), given)
		}
		if a, b := whole.reel.clock().count(whole.pos), kept.reel.gone+kept.reel.clock().count(kept.pos); a != b {
			t.Fatalf("the playhead is after event %d, and after event %d where not all are kept", a, b)
		}
	}
	gone := kept.reel.gone
	if gone == 0 {
		t.Fatal("all events are kept")
	}
	for n := 0; n <= kept.reel.len(); n += 13 {
		if a, b := whole.reel.at(gone+n), kept.reel.at(n); !a.Equal(b) {
			t.Fatalf("after event %d another State is shown where not all are kept", gone+n)
		}
		if a, b := whole.reel.clock().at, kept.reel.clock().timeAt(kept.reel.clock().posOf(n)); n > 0 && a[gone+n-1] != b {
			t.Fatalf("event %d is at %v, and at %v where not all are kept", gone+n, a[gone+n-1], b)
		}
	}
	// What is drawn of the last moment is the same, but for the header and how much there is of the timeline.
	lines := func(p *player) string {
		sc := p.reel.scene(p.reel.clock().end(), slideFor)
		var b strings.Builder
		for _, g := range sc.s.Goroutines() {
			glyph, _ := glyphOf(sc.look(g))
			lane := sc.hist.by[g.ID]
			fmt.Fprintln(&b, sc.name(g.ID), glyph, lane.spans[lane.index(sc.n)].look)
		}
		for _, o := range sc.cast {
			b.WriteString(sc.castName(o) + "\n")
		}
		return b.String()
	}
	if a, b := lines(whole), lines(kept); a != b {
		t.Errorf("it shows\n%s\nand where not all are kept\n%s", a, b)
	}
}

// What counts events follows when the first ones go: the playhead of somebody who looks back, marks, what was looked for, and
// statistics.
func TestKeepsPlaces(t *testing.T) {
	const keep = 1000
	tp := queued(120)
	p := newPlayer("last", 1, false)
	p.live, p.watched = true, true
	p.reel.keepLast(keep)
	turn := tp.turns(120, 0, 2*keep-len(tp.events)-10)
	p.add(tp.events)
	seq := func() uint64 { return p.reel.tl.Event(p.reel.clock().count(p.pos) - 1).Seq }
	p.marks = []int{5, keep + 20}
	if err := p.lookup("worker-7 "); err != nil {
		t.Fatal(err)
	}
	for p.work() {
	}
	p.goTo(keep + 500)
	p.stats = &tally{on: true}
	for p.work() {
	}
	was := seq()
	given := len(tp.events)
	tp.turns(120, turn, keep)
	p.add(tp.events[given:])
	if p.reel.gone != keep || seq() != was || p.say != "" {
		t.Fatalf("%d are gone; the playhead was after event %d and is after %d; it says %q", p.reel.gone, was, seq(), p.say)
	}
	if len(p.marks) != 1 || p.marks[0] != 20 {
		t.Errorf("marks: %v, want the one at 20", p.marks)
	}
	for p.work() {
	}
	if n := p.stats.sum.Len(); n != p.reel.len() || !p.stats.sum.Now().Equal(p.reel.tl.Now()) {
		t.Errorf("the statistics are of %d events of %d", n, p.reel.len())
	}
	for _, n := range p.finder.hits {
		s := p.reel.tl.At(int(n))
		if who, what := s.Words().Event(p.reel.tl.Event(int(n) - 1)); !p.finder.re.MatchString(who + " " + what) {
			t.Errorf("event %d was found, %s %s", n, who, what)
		}
	}
	if len(p.finder.hits) == 0 {
		t.Error("nothing was found any more")
	}
	p.goTo(3)
	given = len(tp.events)
	tp.turns(120, turn, 2*keep)
	p.add(tp.events[given:])
	if n := p.reel.clock().count(p.pos); n != 0 || p.say == "" {
		t.Errorf("the playhead, which was at what is gone, is after event %d of those that are kept; it says %q", n, p.say)
	}
	p.finish(nil)
	n := p.reel.len()
	if p.add(tp.events); p.reel.len() != n+len(tp.events) {
		t.Error("events go after the end")
	}
}
