package tui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/stage"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// TestStepBack checks that a step back slides, too, and ends where a seek would.
func TestStepBack(t *testing.T) {
	tr := tuitest.AbortTrace()
	d := playback(t, tr, 120, 36)
	n := slices.IndexFunc(tr.Events, func(ev trace.Event) bool { return ev.Kind == trace.KindArrive && ev.G == tr.Gs["worker-3"] })
	p := d.m.player
	p.seek(p.rec.Clock().PosOf(n + 1))
	column := func() int {
		for line := range strings.Lines(d.screen()) {
			if before, _, ok := strings.Cut(line, "worker-3"); ok && cells.Width(before) < 78 { // on the stage
				return cells.Width(before)
			}
		}
		t.Fatal("worker-3 is not on the screen")
		return 0
	}
	there := column()
	p.step(false)
	if x := column(); x < there-2 || x > there { // without its box it may be nearer to the edge
		t.Errorf("a step back jumps from %d to %d", there, x)
	}
	p.advance(stage.SlideFor / 2)
	between := column()
	p.advance(stage.SlideFor)
	back := column()
	if back >= between || between >= there {
		t.Errorf("on a step back the token is at %d, %d and %d, want it to slide to the left", there, between, back)
	}
	rested := d.screen()
	p.seek(p.pos)
	if sought := d.screen(); sought != rested {
		t.Errorf("a step back leads to\n%s\nand a seek to\n%s", rested, sought)
	}
}

// When the playhead stops, at a pause or after a step, everything comes to rest within 150 ms.
func TestPauseLands(t *testing.T) {
	tr := tuitest.AbortTrace()
	n := slices.IndexFunc(tr.Events, func(ev trace.Event) bool { return ev.Kind == trace.KindArrive && ev.G == tr.Gs["worker-3"] })
	for _, test := range []struct {
		what string
		stop func(p *player)
	}{
		{"a pause", func(p *player) {
			p.seek(p.rec.Clock().PosOf(n+1) - time.Millisecond)
			p.playing, p.ease = true, 0
			p.advance(40 * time.Millisecond)
			p.toggle()
		}},
		{"a step", func(p *player) {
			p.seek(p.rec.Clock().PosOf(n))
			p.step(true)
			p.advance(40 * time.Millisecond)
		}},
		{"a step back", func(p *player) {
			p.seek(p.rec.Clock().PosOf(n + 1))
			p.step(false)
			p.advance(40 * time.Millisecond)
		}},
	} {
		d := playback(t, tr, 120, 36)
		p := d.m.player
		test.stop(p)
		between := d.screen()
		for d := time.Duration(0); d < 150*time.Millisecond; d += 30 * time.Millisecond {
			p.advance(30 * time.Millisecond)
		}
		rested, moves := d.screen(), p.moving()
		p.seek(p.pos)
		if sought := d.screen(); rested != sought || moves {
			t.Errorf("150 ms after %s something moves (%v):\n%s\nwant\n%s", test.what, moves, rested, sought)
		}
		if rested == between {
			t.Errorf("%s: nothing was sliding:\n%s", test.what, between)
		}
	}
}
