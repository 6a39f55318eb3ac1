package tui

import (
	"fmt"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// thousand is a trace in which a thousand goroutines wait for, hold and get one semaphore.
func thousand() *tape {
	t := newTape("main")
	t.object("pool", trace.ClassSemaphore, 100, "")
	for i := range 1000 {
		name := fmt.Sprintf("worker-%d", i)
		t.after(ms)
		if i < 100 {
			t.do(trace.KindAcquire, name, "pool", 1)
		} else {
			t.block(name, "pool", "Acquire", 1)
		}
	}
	for i := range 900 {
		by, name := fmt.Sprintf("worker-%d", i), fmt.Sprintf("worker-%d", i+100)
		t.after(ms).do(trace.KindRelease, by, "pool", 1)
		t.wake(name, "pool", by).do(trace.KindAcquire, name, "pool", 1).do(trace.KindResume, name, "pool", 0)
	}
	return t
}

// BenchmarkFrame draws one frame of 120 × 36 with a thousand goroutines, while it plays.
func BenchmarkFrame(b *testing.B) {
	cfg := &Config{Open: &Playback{Title: "thousand", Events: thousand().events}, Background: DarkBackground}
	m := newModel(b.Context(), cfg)
	m.Init()
	m.w, m.h = 120, 36
	p := m.player
	p.seek(p.end() / 2)
	p.ease = 0
	for b.Loop() {
		p.pos += time.Second / 30
		if p.pos > p.end() {
			p.pos = p.end() / 2
		}
		m.frame()
	}
}

// BenchmarkAdd takes in events, as they come from a session.
func BenchmarkAdd(b *testing.B) {
	events := thousand().events
	for b.Loop() {
		newReel().add(events)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(events)), "ns/event")
}

// turns appends n events in which a thousand goroutines take turns at a semaphore, ten thousand events a second. Turn is
// how many turns there have been.
func (t *tape) turns(turn, n int) int {
	for end := len(t.events) + n; len(t.events) < end; turn++ {
		by, name := fmt.Sprintf("worker-%d", turn%1000), fmt.Sprintf("worker-%d", (turn+100)%1000)
		t.after(500*time.Microsecond).do(trace.KindRelease, by, "pool", 1).wake(name, "pool", by)
		t.do(trace.KindAcquire, name, "pool", 1).do(trace.KindResume, name, "pool", 0).block(by, "pool", "Acquire", 1)
	}
	return turn
}

// BenchmarkLive is a thirtieth of a second of a session of a thousand goroutines with ten thousand events a second: to
// take in what came, and to draw a frame.
func BenchmarkLive(b *testing.B) {
	const frame = time.Second / 30
	m := newModel(b.Context(), &Config{Run: "thousand", Background: DarkBackground})
	m.start("thousand", nil)
	m.w, m.h = 120, 36
	t := newTape("main")
	t.object("pool", trace.ClassSemaphore, 100, "")
	for i := range 1000 {
		name := fmt.Sprintf("worker-%d", i)
		if i < 100 {
			t.do(trace.KindAcquire, name, "pool", 1)
		} else {
			t.block(name, "pool", "Acquire", 1)
		}
	}
	turn, given, now := 0, 0, time.Now()
	var worst time.Duration
	for b.Loop() {
		b.StopTimer()
		turn = t.turns(turn, 10_000/30)
		now = now.Add(frame)
		b.StartTimer()
		began := time.Now()
		m.player.add(t.events[given:])
		m.handle(tickMsg(now))
		m.frame()
		worst = max(worst, time.Since(began))
		given = len(t.events)
	}
	if shown := m.player.reel.len(); shown != given {
		b.Errorf("of %d events %d are there", given, shown)
	}
	b.ReportMetric(float64(worst)/1e6, "worst-ms")
}
