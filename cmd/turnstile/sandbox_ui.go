package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/console"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/record"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/session"
	"github.com/turnstile-go/turnstile/internal/sandbox"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/tui"
)

// A shownSandbox is a sandbox for the UI. It implements tui.Sandbox.
type shownSandbox struct {
	s      *sandbox.Session
	f      *sandboxFlags
	rec    *trace.Recorder
	record *record.Recording
	over   chan struct{}
	ending sync.Once

	left []string // goroutines that could not be ended; may be read once over is closed
	err  error    // likewise
}

// sandboxUI shows a sandbox.
func (p *program) sandboxUI(ctx context.Context, f *sandboxFlags) error {
	var shown *shownSandbox
	err := p.show(ctx, tui.Config{Sandbox: func() (tui.Sandbox, error) {
		b, err := newShownSandbox(f)
		if err != nil {
			return nil, err
		}
		shown = b
		return b, nil
	}})
	if shown == nil {
		return err
	}
	for _, left := range shown.left {
		console.Complain(p.errs, left)
	}
	return errors.Join(err, shown.err)
}

func newShownSandbox(f *sandboxFlags) (*shownSandbox, error) {
	b := &shownSandbox{f: f, rec: trace.NewRecorder(session.Buffer), over: make(chan struct{})}
	var err error
	if b.record, err = record.Start(f.record, b.rec); err != nil {
		return nil, err
	}
	b.s = sandbox.New(false)
	return b, nil
}

// Drain implements tui.Session.
func (b *shownSandbox) Drain(buf []trace.Event) []trace.Event { return b.rec.Drain(buf) }

// Done implements tui.Session.
func (b *shownSandbox) Done() bool {
	select {
	case <-b.over:
		return true
	default:
		return false
	}
}

// Err implements tui.Session.
func (b *shownSandbox) Err() error {
	if !b.Done() {
		return nil
	}
	return b.err
}

// Stop implements tui.Session.
func (b *shownSandbox) Stop() {
	b.ending.Do(func() {
		defer close(b.over)
		b.err = b.f.write(b.s)
		if err := b.record.End(); err != nil {
			b.err = errors.Join(b.err, exit.With(exit.Trouble, fmt.Errorf("--record: %w", err)))
		}
		b.left = b.s.Close()
	})
	<-b.over
}

// Do implements tui.Sandbox.
func (b *shownSandbox) Do(line string) error {
	_, err := b.s.Do(line)
	return err // it says all
}

// Changed implements tui.Sandbox.
func (b *shownSandbox) Changed(ctx context.Context) bool {
	select {
	case <-b.s.Changed():
		b.s.Poll()
		return true
	case <-b.over:
	case <-ctx.Done():
	}
	return false
}

// Look implements tui.Sandbox.
func (b *shownSandbox) Look() tui.SandboxState {
	var st tui.SandboxState
	sorts := [...]tui.SaidSort{
		sandbox.SortCommand: tui.SaidCommand, sandbox.SortOutcome: tui.SaidOutcome, sandbox.SortWaits: tui.SaidWaits, sandbox.SortAsks: tui.SaidAsks,
		sandbox.SortNote: tui.SaidNote, sandbox.SortWrong: tui.SaidWrong,
	}
	for _, l := range b.s.Said() {
		st.Said = append(st.Said, tui.Said{Who: l.Who, Text: l.Text, Sort: sorts[l.Sort]})
	}
	for _, h := range b.s.Hands() {
		st.Hands = append(st.Hands, tui.Hand{Name: h.Name, G: h.ID, Ready: h.Ready, In: h.In})
	}
	return st
}

// Complete implements tui.Sandbox.
func (b *shownSandbox) Complete(text string) []tui.Suggestion {
	var all []tui.Suggestion
	for _, s := range b.s.Complete(text) {
		all = append(all, tui.Suggestion{Line: s.Line, Text: s.Text, About: s.About})
	}
	return all
}

// Export implements tui.Sandbox.
func (b *shownSandbox) Export() (string, error) {
	file := b.f.export
	for n := 1; file == ""; n++ {
		name := "sandbox_test.go"
		if n > 1 {
			name = fmt.Sprintf("sandbox%d_test.go", n)
		}
		if _, err := os.Lstat(name); errors.Is(err, os.ErrNotExist) {
			file = name
		}
	}
	if err := writeTest(b.s, file, b.f.test); err != nil {
		return "", err
	}
	return "Wrote the session as a test: " + file, nil
}
