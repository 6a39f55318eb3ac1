package tui

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
	"github.com/turnstile-go/turnstile/tui/internal/cells"
	"github.com/turnstile-go/turnstile/tui/internal/scene"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// BenchmarkFrame draws a frame of 120 × 36 cells with a thousand goroutines during playback.
func BenchmarkFrame(b *testing.B) {
	cfg := &Config{Open: &Playback{Title: "thousand", Events: tuitest.ThousandTrace().Events}, Background: BackgroundDark}
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

// BenchmarkAdd adds the events of a session to a recording.
func BenchmarkAdd(b *testing.B) {
	events := tuitest.ThousandTrace().Events
	for b.Loop() {
		scene.NewRecording().Add(events)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(events)), "ns/event")
}

// turns appends n events to t, in which the given number of goroutines take turns at a semaphore, ten thousand events per second.
// Turn is the number of turns so far; the result is the new one.
func turns(t *tuitest.Trace, goroutines, turn, n int) int {
	for end := len(t.Events) + n; len(t.Events) < end; turn++ {
		by, name := fmt.Sprintf("worker-%d", turn%goroutines), fmt.Sprintf("worker-%d", (turn+100)%goroutines)
		t.After(500*time.Microsecond).Do(trace.KindRelease, by, "pool", 1).Wake(name, "pool", by)
		t.Do(trace.KindAcquire, name, "pool", 1).Do(trace.KindResume, name, "pool", 0).Block(by, "pool", "Acquire", 1)
	}
	return turn
}

// BenchmarkLive is one frame of a session of a thousand goroutines with ten thousand events per second: it adds new events and
// draws.
func BenchmarkLive(b *testing.B) { benchmarkLive(b, 1000, false) }

// BenchmarkLiveMany is BenchmarkLive for a watched program with ten thousand goroutines. From time to time events are lost, which
// the header must say.
func BenchmarkLiveMany(b *testing.B) { benchmarkLive(b, 10_000, true) }

func benchmarkLive(b *testing.B, goroutines int, loses bool) {
	b.Helper()
	const frame = time.Second / 30
	m := newModel(b.Context(), &Config{Run: "thousand", Background: BackgroundDark})
	m.start("thousand", nil)
	m.w, m.h = 120, 36
	t := tuitest.QueuedTrace(goroutines)
	turn, given, now, lost := 0, 0, time.Now(), int64(0)
	var worst time.Duration
	var took time.Duration // of processor time
	for b.Loop() {
		b.StopTimer()
		turn = turns(t, goroutines, turn, 10_000/30)
		if loses && turn%10 == 0 {
			lost++
			t.Add(trace.Event{Kind: trace.KindDropped, N: 1})
		}
		now = now.Add(frame)
		b.StartTimer()
		began, used := time.Now(), processorTime()
		m.player.add(t.Events[given:])
		m.handle(tickMsg(now))
		m.frame()
		took += processorTime() - used
		worst = max(worst, time.Since(began))
		given = len(t.Events)
	}
	if shown := m.player.rec.Len(); shown != given {
		b.Errorf("of %d events %d are there", given, shown)
	}
	b.ReportMetric(float64(worst)/1e6, "worst-ms")
	b.ReportMetric(float64(took)/1e6/float64(b.N), "cpu-ms/frame")
}

// millionFile returns a file of a million events, in which a thousand goroutines take turns.
var millionFile = sync.OnceValue(func() []byte {
	t := tuitest.QueuedTrace(1000)
	turns(t, 1000, 0, 1_000_000-len(t.Events))
	var b bytes.Buffer
	_ = tracefile.Write(&b, t.Events[:1_000_000])
	return b.Bytes()
})

// BenchmarkOpen reads a file of a million events into a player, and reports the memory per event.
func BenchmarkOpen(b *testing.B) {
	file := millionFile()
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		t0, used := time.Now(), processorTime()
		events, err := tracefile.Read(b.Context(), bytes.NewReader(file))
		if err != nil {
			b.Fatal(err)
		}
		p := newPlayer("million", 1, false)
		if err := p.open(b.Context(), &Playback{Events: events}); err != nil {
			b.Fatal(err)
		}
		t2 := time.Now()
		b.ReportMetric((processorTime() - used).Seconds(), "cpu-s/open")
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(len(events)), "B/event")
		b.ReportMetric(t2.Sub(t0).Seconds(), "s/open")
		const places, ways = 50, 4 // of several seeks to one place, the fastest was not disturbed by other processes
		var least [places]time.Duration
		c := cells.NewCanvas(120, 36)
		for i := range places * ways {
			at := (i * 37) % places
			t3 := time.Now()
			p.seek(p.end() / places * time.Duration(at))
			p.draw(c, "", cells.StylePlain)
			if took := time.Since(t3); least[at] == 0 || took < least[at] {
				least[at] = took
			}
		}
		worst := slices.Max(least[:])
		b.ReportMetric(float64(worst)/1e6, "ms/seek")
		runtime.KeepAlive(p)
	}
}
