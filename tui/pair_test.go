package tui

import (
	"fmt"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
)

// forkTape is a trace of two who want a lock each of two, in one order or in both.
func forkTape(stuck bool) *tape {
	t := newTape("main", "ann", "ben")
	t.object("fork-1", trace.ClassMutex, 0, "").object("fork-2", trace.ClassMutex, 0, "")
	t.do(trace.KindAcquire, "ann", "fork-1", 1)
	if stuck {
		return t.do(trace.KindAcquire, "ben", "fork-2", 1).block("ann", "fork-2", "Lock", 1).block("ben", "fork-1", "Lock", 1).do(trace.KindEnd, "", "", 0)
	}
	t.do(trace.KindAcquire, "ann", "fork-2", 1).do(trace.KindRelease, "ann", "fork-2", 0).do(trace.KindRelease, "ann", "fork-1", 0)
	t.do(trace.KindExit, "ann", "", 0).do(trace.KindExit, "ben", "", 0)
	return t.do(trace.KindExit, "main", "", 0).do(trace.KindEnd, "", "", 0)
}

// Two recordings stand beside each other where they begin to differ, and step together.
func TestPair(t *testing.T) {
	for _, size := range []cells.Rect{{W: 80, H: 24}, {W: 120, H: 36}, {W: 200, H: 60}} {
		t.Run(fmt.Sprintf("%dx%d", size.W, size.H), func(t *testing.T) {
			d := drive(t, &Config{Beside: &[2]*Playback{{Title: "good", Events: forkTape(false).events}, {Title: "bad", Events: forkTape(true).events}}}, size.W, size.H)
			shots := ""
			shot := func(what string, keys ...string) {
				d.key(keys...)
				d.m.pair.advance(time.Second)
				shots += what + ":\n" + d.screen()
			}
			shot("the difference")
			shot("one step on", "right")
			shot("the end", "end")
			golden.RequireEqual(t, shots)
		})
	}
}

func TestPairKeys(t *testing.T) {
	events := forkTape(false).events
	d := drive(t, &Config{Beside: &[2]*Playback{{Title: "good", Events: events}, {Title: "bad", Events: forkTape(true).events}}}, 120, 36)
	pr := d.m.pair
	at := func(want int) {
		t.Helper()
		if pr.at != want {
			t.Errorf("%d events have happened, want %d", pr.at, want)
		}
	}
	at(1)
	d.key("left", "left")
	at(0)
	d.want("alike so far; they differ after 1 event")
	d.key("end", "right")
	at(7)
	d.key("left", "left", "left")
	at(4)
	if n := pr.sides[1].reel.clock().count(pr.sides[1].pos); n < pr.ns[1][3] {
		t.Errorf("the shorter one is at event %d, want its end", n)
	}
	d.key("'")
	at(1)
	d.key("home", "space")
	for range 5 {
		pr.advance(gapEven)
	}
	at(1) // it stops at the difference
	d.want("they differ from here on", cells.GlyphTrouble)
	d.key("?")
	d.want("help")
	d.key("esc", "q")
	for !d.quit { // a tick may come first
		d.send(<-d.msgs)
	}
	same := drive(t, &Config{Beside: &[2]*Playback{{Title: "good", Events: events}, {Title: "good", Events: events}}}, 120, 36)
	same.want("alike in all 7 events")
}
