package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/cache"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/console"
	"github.com/turnstile-go/turnstile/internal/feed"
	"github.com/turnstile-go/turnstile/internal/goroot"
	"github.com/turnstile-go/turnstile/internal/tell"
)

// letTell lets programs that cmd starts tell of what they do, if they were built with the GOROOT for that. It makes cmd build
// them with it if it is a go command. It returns nil if that cannot be done here, and says why.
func (w *watcher) letTell(ctx context.Context, cmd *exec.Cmd) (*tell.Directory, error) {
	builds := strings.TrimSuffix(filepath.Base(cmd.Path), ".exe") == "go"
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

// buildTelling makes cmd, which is a go command, that of the GOROOT whose programs tell.
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

// twoSources is a Source of programs that trace themselves by package trace, and of those whose standard library tells. One that
// does both is shown by the former: that knows the primitives of package sync2, and their names.
type twoSources struct {
	socket *feed.Socket
	tells  *tell.Directory
}

// hesitation is how long after its start a program may take to begin to trace itself.
const hesitation = 300 * time.Millisecond

// Next implements feed.Source.
func (s *twoSources) Next(ctx context.Context) (feed.Stream, error) {
	type result struct {
		stream feed.Stream
		err    error
	}
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	traced, told := make(chan result, 1), make(chan error, 1)
	go func() {
		stream, err := s.socket.Next(waiting)
		traced <- result{stream, err}
	}()
	go func() {
		ok, err := s.tells.Claimed(waiting)
		if !ok && err == nil {
			err = errNobody
		}
		told <- err
	}()
	var hesitates <-chan time.Time
	var r result
	for r.stream == nil && r.err == nil {
		select {
		case r = <-traced:
		case err := <-told:
			if err != nil { // nobody will tell
				r = <-traced
			} else {
				hesitates = time.After(hesitation)
			}
		case <-hesitates:
			cancel()
			r = <-traced
		}
	}
	cancel()
	if r.stream != nil {
		s.tells.Skip()
		return r.stream, nil
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx) // it is the caller's
	}
	return s.tells.Next(ctx) // it says all
}

var errNobody = errors.New("nobody tells")
