package gotest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/console"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/testline"
	"github.com/turnstile-go/turnstile/internal/anytest"
	"github.com/turnstile-go/turnstile/sync2/explore"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
)

// Replay runs the test of a token of "turnstile test" under the token's schedule, and returns its failure. args are packages and
// flags of go test.
func (e *Env) Replay(ctx context.Context, text string, args []string) (*explore.Failure, error) {
	line, err := testline.Parse(args)
	if err != nil {
		return nil, exit.With(exit.Usage, err)
	}
	for name := range line.Own {
		return nil, exit.With(exit.Usage, fmt.Errorf("replay takes the flags of go test, and -%s is not one", name))
	}
	line.Own["replay"] = text
	config, err := line.Config()
	if err != nil {
		return nil, exit.With(exit.Usage, err)
	}
	var out bytes.Buffer
	t := &goTest{e: e, line: line, config: config, in: e.In, out: &out, errs: e.Errs}
	if err := t.findToken(); err != nil {
		return nil, err
	}
	if err := t.prepare(ctx); err != nil {
		return nil, err
	}
	defer t.clean()
	t.config.Record = filepath.Join(t.dir, "recording")
	t.showProgress()
	t.out = &out // shown only if something is wrong
	defer t.status.Stop()

	began := time.Now()
	code, err := t.run(ctx, testline.PhaseOnly)
	t.status.Stop()
	switch {
	case err != nil:
		return nil, err
	case ctx.Err() != nil:
		return nil, context.Cause(ctx) // it is the signal
	}
	r := &t.reports.ended
	for _, note := range r.Notes {
		console.Complain(e.Errs, "note: "+note)
	}
	switch {
	case r.Verdict == anytest.Failed && len(r.Failures) > 0 && r.Failures[0].Detail != nil:
		return t.recorded(ctx, &r.Failures[0])
	case r.Verdict == anytest.Replayed:
		return nil, exit.With(exit.Failed, fmt.Errorf("%w: %s passes under the schedule of the token, in %.1fs", ErrNoFailure, t.token.Test, time.Since(began).Seconds()))
	case r.Verdict == anytest.Refused:
		return nil, exit.With(exit.Trouble, fmt.Errorf("%s cannot be explored: %s", t.token.Test, r.Reason))
	case r.Test == "" && code == 0:
		return nil, exit.With(exit.Usage, fmt.Errorf("test %s no longer exists in package %s", t.token.Test, t.token.Package))
	}
	_, _ = e.Errs.Write(out.Bytes())
	if r.Test == "" {
		return nil, exit.With(exit.Trouble, fmt.Errorf("%s did not run", t.token.Test))
	}
	return nil, exit.With(exit.Trouble, fmt.Errorf("the process of %s ended before its schedule was over", t.token.Test))
}

// recorded returns the failure f that the test binary has reported, with its recording.
func (t *goTest) recorded(ctx context.Context, f *anytest.Failure) (*explore.Failure, error) {
	d := f.Detail
	failure := &explore.Failure{
		Message: f.Message, Task: d.Task, Blocked: d.Blocked, Cycle: d.Cycle, Stack: d.Stack, Token: f.Token, Deviations: d.Deviations,
	}
	for k := explore.KindNone; k <= explore.KindBadToken; k++ {
		if k.String() == f.Kind {
			failure.Kind = k
		}
	}
	for _, s := range d.Steps {
		failure.Steps = append(failure.Steps, explore.Step(s))
	}
	file, err := os.Open(t.config.Record)
	if errors.Is(err, os.ErrNotExist) {
		return nil, exit.With(exit.Trouble, errors.New("the test wrote no recording"))
	} else if err != nil {
		return nil, exit.With(exit.Trouble, err)
	}
	defer file.Close()
	if failure.Events, err = tracefile.Read(ctx, file); err != nil {
		return nil, exit.With(exit.Trouble, fmt.Errorf("the recording of the test: %w", err))
	}
	return failure, nil
}

// ErrNoFailure is the error for a token whose schedule does not fail anymore.
var ErrNoFailure = errors.New("the schedule of the token no longer fails")
