package tui

import (
	"fmt"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// forkTrace is the trace of two goroutines that each take two locks, in the same order or, if stuck, in opposite orders.
func forkTrace(stuck bool) *tuitest.Trace {
	t := tuitest.NewTrace("main", "ann", "ben")
	t.Object("fork-1", trace.ClassMutex, 0, "").Object("fork-2", trace.ClassMutex, 0, "")
	t.Do(trace.KindAcquire, "ann", "fork-1", 1)
	if stuck {
		return t.Do(trace.KindAcquire, "ben", "fork-2", 1).Block("ann", "fork-2", "Lock", 1).Block("ben", "fork-1", "Lock", 1).Do(trace.KindEnd, "", "", 0)
	}
	t.Do(trace.KindAcquire, "ann", "fork-2", 1).Do(trace.KindRelease, "ann", "fork-2", 0).Do(trace.KindRelease, "ann", "fork-1", 0)
	t.Do(trace.KindExit, "ann", "", 0).Do(trace.KindExit, "ben", "", 0)
	return t.Do(trace.KindExit, "main", "", 0).Do(trace.KindEnd, "", "", 0)
}

// Two recordings are shown side by side where they begin to differ, and step together.
func TestPair(t *testing.T) {
	for _, size := range []cells.Rect{{W: 80, H: 24}, {W: 120, H: 36}, {W: 200, H: 60}} {
		t.Run(fmt.Sprintf("%dx%d", size.W, size.H), func(t *testing.T) {
			d := drive(t, &Config{Beside: &[2]*Playback{{Title: "good", Events: forkTrace(false).Events}, {Title: "bad", Events: forkTrace(true).Events}}}, size.W, size.H)
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
	events := forkTrace(false).Events
	d := drive(t, &Config{Beside: &[2]*Playback{{Title: "good", Events: events}, {Title: "bad", Events: forkTrace(true).Events}}}, 120, 36)
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
	if n := pr.sides[1].rec.Clock().Count(pr.sides[1].pos); n < pr.ns[1][3] {
		t.Errorf("the shorter one is at event %d, want its end", n)
	}
	d.key("'")
	at(1)
	d.key("home", "space")
	for range 5 {
		pr.advance(scene.GapEven)
	}
	at(1) // playback pauses at the difference
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
