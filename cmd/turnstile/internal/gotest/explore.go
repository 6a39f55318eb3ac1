package gotest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/console"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/testline"
	"github.com/turnstile-go/turnstile/internal/anytest"
)

// Explore explores the tests that a command line of "turnstile test" names, and prints the results.
func (e *Env) Explore(ctx context.Context, line *testline.Line) error {
	config, err := line.Config()
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	if line.On("json") && line.Own["format"] == "github" {
		return exit.With(exit.Usage, errors.New("either -json or -format github"))
	}
	t := &goTest{e: e, line: line, config: config, in: e.In, out: e.Out, errs: e.Errs}
	if err := t.findToken(); err != nil {
		return err
	}
	if err := t.prepare(ctx); err != nil {
		return err
	}
	defer t.clean()
	t.showProgress()
	defer t.status.Stop()
	skew := &skewDetector{w: t.errs}
	t.errs = skew

	began := time.Now()
	code := 0
	phases := line.Phases(t.goflags)
	if t.token != nil {
		phases = []testline.Phase{testline.PhaseOnly}
	}
	for _, phase := range phases {
		c, err := t.run(ctx, phase)
		if err != nil {
			return err
		}
		if code == 0 {
			code = c
		}
		if c > exit.Failed || ctx.Err() != nil || c != 0 && (line.On("failfast") || t.reports.seen() == 0) {
			break // another run would say the same
		}
	}
	t.status.Stop()
	if err := t.reports.failure(); err != nil {
		return exit.With(exit.Trouble, err)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx) // it is the signal
	}
	t.sayMore(time.Since(began))
	if err := t.annotate(ctx); err != nil {
		return err
	}
	if n := t.reports.unexplored(); code == 0 && n > 0 && line.Own["unexplored"] == "fail" {
		console.Complain(e.Errs, fmt.Sprintf("%s not explored, which is a failure because of -unexplored=fail", counted(n, "test")))
		code = exit.Failed
	}
	if skew.seen {
		console.Complain(e.Errs, skewed)
	}
	if code != 0 {
		if text := line.Doubtful(); text != "" {
			console.Complain(e.Errs, text)
		}
	}
	return t.quietly(code)
}

// sayMore prints the notes, unless the tests have printed them, and the summary.
func (t *goTest) sayMore(took time.Duration) {
	if t.line.On("json") {
		return
	}
	if !t.line.On("v") {
		for _, note := range t.reports.notes() {
			console.Complain(t.e.Errs, note)
		}
	}
	if text := t.reports.summary(took); text != "" {
		console.Complain(t.e.Errs, text)
	}
}

// quietly returns an error that ends the program with the exit code of go test, which has printed why.
func (*goTest) quietly(code int) error {
	if code == 0 {
		return nil
	}
	return exit.With(code, exit.ErrSaid)
}

// ExploreOne explores one test, named by args as on the command line of "turnstile test". It prints nothing, and returns the
// last report of the test and what go test printed. The report is empty if the test did not run.
func (e *Env) ExploreOne(ctx context.Context, args []string) (report anytest.Report, printed string, err error) {
	line, err := testline.Parse(args)
	if err != nil {
		return report, "", exit.With(exit.Usage, err)
	}
	config, err := line.Config()
	if err != nil {
		return report, "", exit.With(exit.Usage, err)
	}
	var out bytes.Buffer
	t := &goTest{e: e, line: line, config: config, in: strings.NewReader(""), out: &out, errs: &out}
	if err := t.prepare(ctx); err != nil {
		return report, "", err
	}
	defer t.clean()
	if _, err := t.run(ctx, testline.PhaseOnly); err != nil {
		return report, "", err
	}
	if ctx.Err() != nil {
		return report, "", context.Cause(ctx) // it is the signal
	}
	return t.reports.ended, out.String(), nil
}
