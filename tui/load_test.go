package tui

import (
	"context"
	"errors"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/turnstile-go/turnstile/tui/internal/tuitest"
)

// until passes messages to the model until one of type T has arrived.
func until[T tea.Msg](d *driver) {
	for {
		msg := <-d.msgs
		d.send(msg)
		if _, ok := msg.(T); ok {
			return
		}
	}
}

// A recording that takes long to open shows its progress, and esc cancels.
func TestLoad(t *testing.T) {
	events := tuitest.AbortTrace().Events
	half, more := make(chan struct{}), make(chan struct{})
	cfg := &Config{Title: "x.jsonl", Load: func(ctx context.Context, progress func(done, all int64)) (*Playback, error) {
		progress(1, 2)
		close(half)
		select {
		case <-more:
			return &Playback{Title: "x.jsonl", Events: events, Note: "the file is torn"}, nil
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}}
	d := drive(t, cfg, 80, 24)
	until[tea.BatchMsg](d)
	<-half
	d.wantNot("Opening")
	d.m.loading.since = soon
	d.want("Opening x.jsonl", "33 %", "esc cancels")
	close(more)
	until[loadedMsg](d)
	d.want("turnstile › x.jsonl", "/20", "the file is torn")

	half, more = make(chan struct{}), make(chan struct{})
	d = drive(t, cfg, 80, 24)
	until[tea.BatchMsg](d)
	<-half
	d.key("x", "esc")
	until[loadedMsg](d)
	for !d.quit {
		d.send(<-d.msgs)
	}
	if d.m.fatal != nil {
		t.Errorf("it ends with %v", d.m.fatal)
	}

	cfg.Load = func(context.Context, func(done, all int64)) (*Playback, error) { return nil, errors.New("no trace") }
	d = drive(t, cfg, 80, 24)
	until[loadedMsg](d)
	if d.m.fatal == nil || d.m.fatal.Error() != "no trace" {
		t.Errorf("it ends with %v", d.m.fatal)
	}
}

// The export shows the same moment in the same view as the player.
func TestExportKey(t *testing.T) {
	var name, svg string
	var fails error
	cfg := testConfig()
	cfg.Open = &Playback{Title: "a/b", Events: tuitest.AbortTrace().Events, Step: true}
	d := drive(t, cfg, 120, 36)
	d.key("e")
	d.want("Nothing can be exported here")
	cfg.Export = func(_ context.Context, to string, f *Film) error {
		var b strings.Builder
		_ = f.WriteSVG(&b)
		name, svg = to, f.c.String()
		return fails
	}
	d.key("]", ":", "1", "1", "enter", "b", "e")
	d.want("write to a-b.svg", ".jsonl")
	seen := strings.Split(d.screen(), "\n")
	d.key("enter")
	until[writtenMsg](d)
	d.want("Written: a-b.svg")
	shown := strings.Split(svg, "\n")
	if n := len(seen) - 2; name != "a-b.svg" || len(shown) != len(seen) || strings.Join(shown[:n], "\n") != strings.Join(seen[:n], "\n") {
		t.Errorf("%s shows\n%s\nwant\n%s", name, svg, strings.Join(seen, "\n"))
	}
	fails = errors.New("disk full")
	d.key("e", "enter")
	until[writtenMsg](d)
	if d.want("disk full"); !d.m.failed {
		t.Error("the style is not that of a failure")
	}
	cfg.Export = func(ctx context.Context, _ string, _ *Film) error {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	d.key("e", "enter", "esc")
	until[writtenMsg](d)
	d.want("a-b.svg was not written.")
}
