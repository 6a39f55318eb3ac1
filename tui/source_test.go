package tui

import (
	"fmt"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// recordedTest is a recording of an ordinary test as the explorer makes it, with source.
func recordedTest() *tuitest.Trace {
	t := tuitest.NewTrace("main", "ann")
	t.Add(trace.Event{Kind: trace.KindDefinePC, PC: 5, N: 14, Text: "bank_test.go:17 bank.log\nfunc (b *bank) log() {\n\tfor range b.events {\n\t\t// one after the other\n\t\tb.mu.Lock()\n\t\tb.n++\n\t\tb.mu.Unlock()\n\t}\n}"})
	t.Add(trace.Event{Kind: trace.KindDefinePC, PC: 6, Text: "other.go:3 other.Do"})
	t.Object("b.mu", trace.ClassMutex, 0, "").Object("b.events", trace.ClassChan, 0, "")
	t.Add(trace.Event{Kind: trace.KindAcquire, G: t.G("main"), Obj: t.Objs["b.mu"], N: 1, PC: 6})
	t.Add(trace.Event{Kind: trace.KindBlock, G: t.G("ann"), Obj: t.Objs["b.mu"], N: 1, PC: 5, Text: "Lock"})
	return t.Say(trace.KindFail, "", "", 0, "deadlock: ann waits forever").Do(trace.KindEnd, "", "", 0)
}

// The player opens a failure before its first event, and shows the source of the last event or of what the goroutine in focus did
// last, or says that it is unknown.
func TestSource(t *testing.T) {
	for _, size := range []cells.Rect{{W: 80, H: 24}, {W: 80, H: 34}, {W: 120, H: 36}} {
		t.Run(fmt.Sprintf("%dx%d", size.W, size.H), func(t *testing.T) {
			tr := recordedTest()
			p := newPlayer("TestBank", 1, true)
			if err := p.open(t.Context(), &Playback{Title: "TestBank", Events: tr.Events, Step: true}); err != nil {
				t.Fatal(err)
			}
			if p.playing || !p.rec.Even || p.pos != 0 {
				t.Error("it does not begin before the first event, paused, with even steps")
			}
			shots := ""
			shot := func(what string) {
				c := cells.NewCanvas(size.W, size.H)
				p.draw(c, "", cells.StylePlain)
				tuitest.Fits(t, c)
				shots += what + ":\n" + c.String()
			}
			shot("at first")
			p.step(true)
			shot("a place without source")
			p.step(true)
			shot("one with it")
			p.step(true)
			shot("it fails")
			p.focus.G = tr.G("main")
			shot("main in focus")
			golden.RequireEqual(t, shots)
		})
	}
}

// The key of the source shows it in place of what covers it, and then hides it.
func TestSourceIsUncovered(t *testing.T) {
	for _, keys := range [][]string{{"w"}, {"t"}, {"w", "t"}, {"v", "w"}, {"v", "t"}} {
		d := inPlayer(t, recordedTest().Events, 80, 24)
		d.key("end")
		d.key(keys...)
		d.wantNot("one after the other")
		d.key("v")
		d.want("one after the other")
		d.key("v")
		d.wantNot("one after the other")
	}
	for _, size := range []cells.Rect{{W: 120, H: 36}, {W: 200, H: 60}} {
		d := inPlayer(t, recordedTest().Events, size.W, size.H)
		d.key("end", "t")
		d.want("sorted by")
		d.key("v")
		d.wantNot("sorted by")
		d.want("one after the other")
	}
}
