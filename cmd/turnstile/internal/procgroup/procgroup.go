// Package procgroup runs commands and ends them together with the processes that they start.
package procgroup

import (
	"context"
	"errors"
	"os/exec"
	"syscall"
	"time"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
)

// Grace is how long processes may take to end after a signal.
const Grace = 10 * time.Second

// Run runs cmd, which may start processes of its own. If a signal ends ctx, all of them get that signal, and those that have
// not ended within [Grace] are killed. Allow, which may be nil, lets the program take that long to end; if the program is
// ended before, the processes are killed and clean is called.
func Run(ctx context.Context, cmd *exec.Cmd, allow func(d time.Duration, clean func()) (over func()), clean func()) error {
	all := New(cmd)
	cmd.Cancel = func() error {
		sig := syscall.SIGTERM
		if s, ok := errors.AsType[*exit.SignalError](context.Cause(ctx)); ok {
			sig = s.Signal
		}
		all.signal(sig)
		return nil
	}
	cmd.WaitDelay = Grace
	kill := func() {
		all.Kill()
		clean()
	}
	if allow != nil {
		defer allow(Grace+time.Second, kill)()
	}
	err := cmd.Run()
	if ctx.Err() != nil {
		all.Kill()
	}
	return err // the caller knows the command
}
