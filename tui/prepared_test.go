package tui

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// A preparedSession takes a while to start, and has then already ended.
type preparedSession struct {
	ready  time.Time
	events []trace.Event
	err    error
	note   string
}

func (s *preparedSession) Drain(buf []trace.Event) []trace.Event {
	if s.Done() {
		buf, s.events = append(buf, s.events...), nil
	}
	return buf
}
func (s *preparedSession) Done() bool   { return !time.Now().Before(s.ready) }
func (s *preparedSession) Err() error   { return s.err }
func (s *preparedSession) Stop()        {}
func (s *preparedSession) Note() string { return s.note }

// The preparation of a session is announced; then the session is shown from its beginning, with even steps if the entry asks for
// these.
func TestPrepared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		cfg.Entries[0].Even, cfg.Entries[0].Preparing = true, "it is being built"
		cfg.Start = func(string, map[string]string) (Session, error) {
			return &preparedSession{ready: time.Now().Add(5 * time.Second), events: tuitest.AbortTrace().Events, note: "a recording is shown"}, nil
		}
		d := drive(t, cfg, 120, 36)
		d.key("enter")
		d.wait(4 * time.Second)
		d.want("it is being built", "event 0/0")
		d.wait(3 * time.Second)
		d.wantNot("it is being built", "ended")
		d.want("a recording is shown", "≡ 1×")
		if n := d.at(); n == 0 || n > 15 {
			t.Errorf("two seconds after the beginning, the playhead is at event %d", n)
		}
		d.wait(time.Minute)
		d.want("ended")
		d.wantNot("a recording is shown")
		d.stop()
	})
}

// What has to be built before a program can be watched or driven is announced until it runs.
func TestPreparedProgram(t *testing.T) {
	ready := make(chan struct{})
	await := func(ctx context.Context) error {
		select {
		case <-ready:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	for want, cfg := range map[string]*Config{
		"building the program …": {Preparing: "building the program", Watch: func(ctx context.Context) (ProgramRun, error) {
			return &ranProgram{events: lockedBy("ann"), later: make(chan *ranProgram)}, await(ctx)
		}},
		"building the test; esc cancels …": {Preparing: "building the test", Drive: "TestX", Driver: func(string, map[string]string) (Driver, error) {
			return &preparedDriver{await: await}, nil
		}},
		"preparing the program; esc cancels …": {Drive: "x", Driver: func(string, map[string]string) (Driver, error) {
			return &preparedDriver{await: await}, nil
		}},
	} {
		synctest.Test(t, func(t *testing.T) {
			ready = make(chan struct{})
			d := drive(t, cfg, 120, 36)
			d.wait(time.Minute)
			d.want(want)
			close(ready)
			d.wait(3 * time.Second)
			d.want("ann")
			d.wantNot(want)
			d.stop()
		})
	}
}

// A preparedDriver waits before it answers.
type preparedDriver struct {
	fakeDriver

	await func(context.Context) error
}

func (d *preparedDriver) At(ctx context.Context, made []int) (*Moment, error) {
	if err := d.await(ctx); err != nil {
		return nil, err
	}
	return d.fakeDriver.At(ctx, made)
}

// If a session cannot start, the browser says why.
func TestNotPrepared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		cfg.Start = func(string, map[string]string) (Session, error) {
			return &preparedSession{ready: time.Now().Add(time.Second), err: errors.New("there is no go command")}, nil
		}
		d := drive(t, cfg, 120, 36)
		d.key("enter")
		d.wait(3 * time.Second)
		d.want("there is no go command", "scenarios")
		if d.m.player != nil {
			t.Error("an empty player is shown")
		}
		d.stop()
	})
}
