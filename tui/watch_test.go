package tui

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A ranProgram is a run that has ended, and the runs after it.
type ranProgram struct {
	events []trace.Event
	later  chan *ranProgram // has the next run; closed if there is none
}

func (r *ranProgram) Drain(buf []trace.Event) []trace.Event {
	buf = append(buf, r.events...)
	r.events = nil
	return buf
}
func (r *ranProgram) Done() bool { return true }
func (r *ranProgram) Err() error { return nil }
func (r *ranProgram) Stop()      {}
func (r *ranProgram) Next(ctx context.Context) ProgramRun {
	select {
	case next := <-r.later:
		if next != nil {
			return next
		}
	case <-ctx.Done():
	}
	return nil
}

func lockedBy(name string) []trace.Event {
	return []trace.Event{
		{Seq: 1, Kind: trace.KindBegin},
		{Seq: 2, Kind: trace.KindDefineG, G: 1, Text: name},
		{Seq: 3, Kind: trace.KindDefineObj, Obj: 1, Class: trace.ClassMutex, Text: "gate"},
		{Seq: 4, Kind: trace.KindAcquire, G: 1, Obj: 1, N: 1},
	}
}

// The next run of a program is shown by itself if the previous one has been played to its end, and otherwise when f is pressed.
func TestWatch(t *testing.T) {
	for _, back := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			later := make(chan *ranProgram)
			first := &ranProgram{events: lockedBy("ann"), later: later}
			d := drive(t, &Config{Title: "./server", Background: BackgroundDark, Watch: func(context.Context) (ProgramRun, error) {
				return first, nil
			}}, 120, 36)
			d.wait(5 * time.Second)
			d.want("./server", "ann", "the last events of the program may be missing", "■ over")
			d.wantNot("invariant")
			if back {
				d.key("left")
				d.wait(time.Second)
			}
			later <- &ranProgram{events: lockedBy("bob"), later: later}
			d.wait(5 * time.Second)
			if back {
				d.wantNot("bob")
				d.want("The program runs again; f shows the new run.")
				d.key("f")
				d.wait(5 * time.Second)
			}
			d.want("bob", "./server")
			d.wantNot("ann")
			close(later)
			d.wait(time.Second)
			d.want("bob")
			d.stop()
		})
	}
}

// If a program produces events too fast, the number of lost ones is shown.
func TestWatchLoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		events := append(lockedBy("ann"), trace.Event{Seq: 20_004, Kind: trace.KindDropped, N: 20_000}, trace.Event{Seq: 20_005, Kind: trace.KindEnd})
		later := make(chan *ranProgram)
		close(later)
		d := drive(t, &Config{Title: "./server", Watch: func(context.Context) (ProgramRun, error) {
			return &ranProgram{events: events, later: later}, nil
		}}, 120, 36)
		d.wait(5 * time.Second)
		d.want("■ over, 20k lost")
		d.stop()
	})
}

// If the program cannot be watched, the UI ends.
func TestWatchFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := drive(t, &Config{Watch: func(context.Context) (ProgramRun, error) { return nil, errors.New("there is no program") }}, 80, 24)
		d.wait(time.Second)
		if !d.quit || d.m.fatal == nil {
			t.Error("the UI continues without a program")
		}
		d.stop()
	})
}
