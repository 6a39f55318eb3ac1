package main

import (
	"context"
	"errors"
	"os/exec"
	"syscall"
	"time"
)

// testPatience is how long go test and the test binaries may take to end after a signal.
const testPatience = 10 * time.Second

// supervise runs cmd, which starts processes of its own. When ctx ends because of a signal, all of them get the signal,
// and what has not ended in time, or by a second signal, is killed. If the program is ended before that has happened,
// clean is called.
func (p *program) supervise(ctx context.Context, cmd *exec.Cmd, clean func()) error {
	all := newFamily(cmd)
	cmd.Cancel = func() error {
		sig := syscall.SIGTERM
		if s, ok := errors.AsType[*signalError](context.Cause(ctx)); ok {
			sig = s.signal
		}
		all.signal(sig)
		return nil
	}
	cmd.WaitDelay = testPatience
	kill := func() {
		all.kill()
		clean()
	}
	if p.patient != nil {
		defer p.patient(testPatience+time.Second, kill)()
	}
	err := cmd.Run()
	if ctx.Err() != nil {
		all.kill()
	}
	return err // the caller knows the command
}
