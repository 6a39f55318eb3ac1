package engine

import (
	"context"
	"errors"
	"iter"
	"os/exec"
	"strings"
	"syscall"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/console"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/procgroup"
	"github.com/turnstile-go/turnstile/internal/feed"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// Watch runs the engine program at path to trace a space of the engine at url, and returns the trace. The caller must call
// stop.
func Watch(ctx context.Context, path, url, space string) (trace feed.Stream, stop func(), err error) {
	args := []string{"-watch", url, "-format", "trace"}
	if space != "" {
		args = append(args, "-space", space)
	}
	ctx, cancel := context.WithCancel(ctx)
	t := &spaceTrace{cmd: exec.CommandContext(ctx, path, args...)} //nolint:gosec // it is our program
	t.cmd.Cancel = func() error { return t.cmd.Process.Signal(syscall.SIGTERM) }
	t.cmd.WaitDelay = procgroup.Grace
	t.cmd.Stderr = &t.said
	out, err := t.cmd.StdoutPipe()
	if err == nil {
		err = t.cmd.Start()
	}
	if err != nil {
		cancel()
		return nil, nil, err // it names the program
	}
	t.Stream = feed.Decode(out)
	return t, func() {
		cancel()
		_ = t.cmd.Wait() // the signal has ended it
	}, nil
}

// A spaceTrace is the trace of a space, as turnstile-engine writes it.
type spaceTrace struct {
	feed.Stream

	cmd  *exec.Cmd
	said console.Tail
}

// All implements feed.Stream. If there is no trace, the error is what the program prints.
func (t *spaceTrace) All() iter.Seq2[trace.Event, error] {
	return func(yield func(trace.Event, error) bool) {
		n := 0
		for ev, err := range t.Stream.All() {
			if err != nil && n == 0 { // the program has printed why
				_ = t.cmd.Wait()
				if said := strings.TrimSpace(t.said.String()); said != "" {
					err = errors.New(strings.TrimPrefix(said[strings.LastIndexByte(said, '\n')+1:], Name+": "))
				}
			}
			if n++; !yield(ev, err) {
				return
			}
		}
	}
}
