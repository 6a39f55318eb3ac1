package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/stage"
	"github.com/turnstile-go/turnstile/tui/internal/stats"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// A player that keeps only the last events shows them like one that keeps all.
func TestKeepsTheLastEvents(t *testing.T) {
	const keep, each = 5000, 333
	tr := tuitest.QueuedTrace(120).Object("never", trace.ClassEvent, 0, "").Block("sleeper", "never", "Wait", 0)
	turn, given := 0, 0
	whole, kept := newPlayer("all", 1, false), newPlayer("last", 1, false)
	for _, p := range []*player{whole, kept} {
		p.live, p.follow, p.watched = true, true, true
	}
	kept.rec.KeepLast(keep)
	took := func(p *player) { p.add(tr.Events[given:]); p.advance(time.Second / 30) }
	for range 60 {
		turn = turns(tr, 120, turn, each)
		took(whole)
		took(kept)
		given = len(tr.Events)
		if n := kept.rec.Len(); n > 2*keep+each || given >= keep && n < keep {
			t.Fatalf("%d events were given; %d are kept, want %d … %d", given, n, keep, 2*keep)
		}
		if kept.rec.Gone+kept.rec.Len() != given {
			t.Fatalf("%d events were discarded and %d kept, of %d", kept.rec.Gone, kept.rec.Len(), given)
		}
		if a, b := whole.rec.Clock().Count(whole.pos), kept.rec.Gone+kept.rec.Clock().Count(kept.pos); a != b {
			t.Fatalf("the playhead is after event %d, but after event %d if not all are kept", a, b)
		}
	}
	gone := kept.rec.Gone
	if gone == 0 {
		t.Fatal("all events are kept")
	}
	for n := 0; n <= kept.rec.Len(); n += 13 {
		if a, b := whole.rec.At(gone+n), kept.rec.At(n); !a.Equal(b) {
			t.Fatalf("after event %d the State differs if not all are kept", gone+n)
		}
		timeOf := func(k *scene.Clock, n int) time.Duration { return k.TimeAt(k.PosOf(n)) }
		if a, b := timeOf(whole.rec.Clock(), gone+n), timeOf(kept.rec.Clock(), n); n > 0 && a != b {
			t.Fatalf("event %d is at %v, but at %v if not all are kept", gone+n, a, b)
		}
	}
	// The last moment looks the same, except for the header and the length of the timeline.
	lines := func(p *player) string {
		sc := p.rec.Scene(p.rec.Clock().End(), stage.SlideFor)
		var b strings.Builder
		for _, g := range sc.State.Goroutines() {
			glyph, _ := scene.GlyphOf(sc.Look(g))
			lane := sc.History.Lane(g.ID)
			past, _ := lane.Mark(sc.N, sc.N)
			fmt.Fprintln(&b, sc.Name(g.ID), glyph, past)
		}
		for _, o := range sc.Objects {
			b.WriteString(sc.NameOf(o) + "\n")
		}
		return b.String()
	}
	if a, b := lines(whole), lines(kept); a != b {
		t.Errorf("the player shows\n%s\nand if not all events are kept\n%s", a, b)
	}
}

// When the first events are discarded, everything that counts events is adjusted: the playhead, marks, the search, and
// statistics.
func TestKeepsPlaces(t *testing.T) {
	const keep = 1000
	tr := tuitest.QueuedTrace(120)
	p := newPlayer("last", 1, false)
	p.live, p.watched = true, true
	p.rec.KeepLast(keep)
	turn := turns(tr, 120, 0, 2*keep-len(tr.Events)-10)
	p.add(tr.Events)
	seq := func() uint64 { return p.rec.Timeline.Event(p.rec.Clock().Count(p.pos) - 1).Seq }
	p.marks = []int{5, keep + 20}
	if err := p.lookup("worker-7 "); err != nil {
		t.Fatal(err)
	}
	for p.work() {
	}
	p.goTo(keep + 500)
	p.counting = true
	for p.work() {
	}
	was := seq()
	given := len(tr.Events)
	turns(tr, 120, turn, keep)
	p.add(tr.Events[given:])
	if p.rec.Gone != keep || seq() != was || p.say != "" {
		t.Fatalf("%d events were discarded; the playhead was after event %d and is after %d; the message is %q", p.rec.Gone, was, seq(), p.say)
	}
	if len(p.marks) != 1 || p.marks[0] != 20 {
		t.Errorf("marks: %v, want the one at 20", p.marks)
	}
	for p.work() {
	}
	drawn := func(s *stats.Tables) string {
		c := cells.NewCanvas(120, 36)
		s.Draw(c, cells.Area(0, 0, 120, 36), &p.rec.Timeline, true)
		return c.String()
	}
	var fresh stats.Tables
	fresh.Look(&p.rec.Timeline, p.rec.Len())
	if got, want := drawn(&p.stats), drawn(&fresh); got != want || !strings.Contains(got, "pool ") {
		t.Errorf("the statistics are\n%s\nwant\n%s", got, want)
	}
	for _, n := range p.finder.hits {
		s := p.rec.Timeline.At(int(n))
		if who, what := s.Words().Event(p.rec.Timeline.Event(int(n) - 1)); !p.finder.re.MatchString(who + " " + what) {
			t.Errorf("event %d was found, %s %s", n, who, what)
		}
	}
	if len(p.finder.hits) == 0 {
		t.Error("nothing is found anymore")
	}
	p.goTo(3)
	given = len(tr.Events)
	turns(tr, 120, turn, 2*keep)
	p.add(tr.Events[given:])
	if n := p.rec.Clock().Count(p.pos); n != 0 || p.say == "" {
		t.Errorf("the playhead, which was at a discarded event, is after event %d; the message is %q", n, p.say)
	}
	p.finish(nil)
	n := p.rec.Len()
	if p.add(tr.Events); p.rec.Len() != n+len(tr.Events) {
		t.Error("events are discarded after the end")
	}
}
