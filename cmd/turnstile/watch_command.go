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
	"github.com/turnstile-go/turnstile/internal/goroot"
	"github.com/turnstile-go/turnstile/internal/tell"
)

// letTell lets the programs that cmd starts report what they do, if they were built with the private GOROOT. If cmd is a go
// command, letTell makes it build with that GOROOT. If that is not possible on this system, it prints why and returns nil.
func (w *watcher) letTell(ctx context.Context, cmd *exec.Cmd) (*tell.Directory, error) {
	builds := isGo(cmd)
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

// isGo reports whether cmd is a go command.
func isGo(cmd *exec.Cmd) bool { return strings.TrimSuffix(filepath.Base(cmd.Path), ".exe") == "go" }

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
