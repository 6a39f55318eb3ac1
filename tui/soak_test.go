package tui

import (
	"context"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/internal/soak"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// A watched program produces events faster than they can be drawn, for a long time.
func TestSoak(t *testing.T) {
	soak.Run(t, "frames with 333 events", func(ctx context.Context, done func(int)) error {
		const goroutines, each = 1000, 333
		m := newModel(ctx, &Config{Title: "flood", Background: BackgroundDark})
		m.live("flood")
		p := m.player
		p.watched = true
		p.rec.KeepLast(keepEvents)
		m.w, m.h = 120, 36
		tr := tuitest.QueuedTrace(goroutines)
		seq, turn, now := uint64(0), 0, time.Now()
		for ctx.Err() == nil {
			turn = turns(tr, goroutines, turn, each)
			for i := range tr.Events {
				seq++
				tr.Events[i].Seq = seq
			}
			p.add(tr.Events)
			tr.Events = tr.Events[:0]
			now = now.Add(time.Second / 30)
			m.handle(tickMsg(now))
			m.frame()
			done(1)
		}
		return nil
	})
}
