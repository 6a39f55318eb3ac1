package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/cache"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/console"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/internal/goroot"
	"github.com/turnstile-go/turnstile/internal/tell"
)

// building says what a go command does before it runs the program.
const building = "building the program " + console.FirstTime

// isGo reports whether the program at path is the go command.
func isGo(path string) bool { return strings.TrimSuffix(filepath.Base(path), ".exe") == "go" }

// onlyBuilds reports whether args is a go command that builds a program and does not start it.
func onlyBuilds(args []string) bool {
	return len(args) > 1 && isGo(args[0]) && (args[1] == "build" || args[1] == "install")
}

// build runs a go command that only builds. The program that it builds can then be watched.
func (w *watcher) build(ctx context.Context, args []string) error {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...) //nolint:gosec // the user says which
	cmd.Env = os.Environ()
	if _, err := w.letTell(ctx, cmd); err != nil {
		return exit.With(exit.Trouble, err)
	}
	status := w.p.status(building)
	out := status.Through(w.p.errs)
	cmd.Stdout, cmd.Stderr = out, out
	err := cmd.Run()
	status.Stop()
	if ctx.Err() != nil {
		return context.Cause(ctx) // it is the signal
	}
	if err != nil {
		return exit.With(exit.Trouble, fmt.Errorf("%s: %w", strings.Join(args, " "), err))
	}
	console.Complain(w.p.errs, "what was built can be watched now: turnstile watch -- ./PROGRAM")
	return nil
}

// letTell lets the programs that cmd starts report what they do, if they were built with the private GOROOT. If cmd is a go
// command, letTell makes it build with that GOROOT. If that is not possible on this system, it prints why and returns nil.
func (w *watcher) letTell(ctx context.Context, cmd *exec.Cmd) (*tell.Directory, error) {
	builds := isGo(cmd.Path)
	if builds {
		err := w.buildTelling(ctx, cmd)
		if u := new(goroot.UnknownError); errors.As(err, &u) {
			console.Complain(w.p.errs, u.Error()+"; what the program does with package sync2 is shown, if it imports "+autoPackage)
			return nil, nil // there is none
		} else if err != nil {
			return nil, err
		}
	}
	tells, err := tell.New()
	if err != nil {
		if builds {
			console.Complain(w.p.errs, err.Error()+"; what the program does with package sync2 is shown, if it imports "+autoPackage)
		}
		return nil, nil // there is none
	}
	w.closes = append(w.closes, tells.Close)
	cmd.Env = append(cmd.Env, tell.Variable+"="+tells.Path())
	return tells, nil
}

// buildTelling makes cmd, which is a go command, use the private GOROOT whose programs report what they do.
func (w *watcher) buildTelling(ctx context.Context, cmd *exec.Cmd) error {
	out, err := exec.CommandContext(ctx, cmd.Path, "env", "GOROOT").Output() //nolint:gosec // the user says which
	if err != nil {
		return fmt.Errorf("%s env GOROOT: %w", cmd.Path, err)
	}
	root, err := cache.TellingRoot(ctx, w.p.getenv, strings.TrimSpace(string(out)))
	if err != nil {
		return err
	}
	bin := filepath.Join(root, "bin")
	cmd.Path = filepath.Join(bin, filepath.Base(cmd.Path))
	cmd.Env = append(cmd.Env, "GOROOT="+root, "GOTOOLCHAIN=local", "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	return nil
}
