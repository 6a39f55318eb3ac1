package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/internal/suite"
	"github.com/turnstile-go/turnstile/sync2/explore"
)

// The JSON of check, hint and replay: one object, also if something is wrong. Fields may be added, none is renamed.
type (
	outcome struct {
		OK       bool   `json:"ok"`              // the exit code is 0
		ExitCode int    `json:"exitCode"`        // see exitHelp
		Error    string `json:"error,omitempty"` // what the program says on its standard error
	}
	checkJSON struct {
		outcome

		Scenario  string       `json:"scenario"`
		Summary   string       `json:"summary,omitempty"`  // what was covered, such as "exhausted: 37 traces"
		Schedules int          `json:"schedules"`          // that were tried
		Exhausted bool         `json:"exhausted"`          // every schedule was tried, and passes
		Strategy  string       `json:"strategy,omitempty"` // that found the failure, or that came last
		Failure   *failureJSON `json:"failure,omitempty"`
	}
	hintJSON struct {
		outcome

		Scenario   string       `json:"scenario"`
		Expect     string       `json:"expect,omitempty"` // clean, or the bug
		Hints      []stepHint   `json:"hints,omitempty"`
		NoSchedule string       `json:"noSchedule,omitempty"` // why there is no failure to show, if the step is that after the hints
		Failure    *failureJSON `json:"failure,omitempty"`    // with the shortest schedule
		Next       int          `json:"next,omitempty"`       // the next step, if there is one
	}
	stepHint struct {
		Step int    `json:"step"`
		Text string `json:"text"`
	}
	replayJSON struct {
		outcome

		Token   string       `json:"token"`
		Program string       `json:"program,omitempty"` // the scenario and its parameters
		Failure *failureJSON `json:"failure,omitempty"`
	}
	failureJSON struct {
		Kind       string     `json:"kind"` // such as "deadlock"
		Message    string     `json:"message"`
		Goroutine  string     `json:"goroutine,omitempty"` // that failed, if it was one
		Where      string     `json:"where,omitempty"`     // the position of the last step that has one: a file and a line
		Blocked    []string   `json:"blocked,omitempty"`
		Cycles     []string   `json:"cycles,omitempty"`
		Token      string     `json:"token,omitempty"` // for turnstile replay
		Deviations int        `json:"deviations"`      // the number of steps at which the schedule departs from the default
		Steps      []stepJSON `json:"steps,omitempty"` // the schedule
		Stack      string     `json:"stack,omitempty"` // of a panic
	}
	stepJSON struct {
		Goroutine string `json:"goroutine"`
		Operation string `json:"operation"`
		Object    string `json:"object,omitempty"`
		Where     string `json:"where,omitempty"`
		Note      string `json:"note,omitempty"`
	}
)

// newFailure returns f for JSON, nil for nil. It cleans names and messages, which come from the program.
func newFailure(f *explore.Failure) *failureJSON {
	if f == nil {
		return nil
	}
	j := &failureJSON{
		Kind: f.Kind.String(), Message: safetext.Lines(f.Message), Goroutine: safetext.Line(f.Task), Where: safetext.Line(suite.Place(f)),
		Blocked: cleaned(f.Blocked), Cycles: cleaned(f.Cycle), Token: f.Token, Deviations: f.Deviations, Stack: safetext.Lines(f.Stack),
	}
	for _, s := range f.Steps {
		j.Steps = append(j.Steps, stepJSON{safetext.Line(s.Task), safetext.Line(s.Op), safetext.Line(s.Object), safetext.Line(s.Where), safetext.Line(s.Note)})
	}
	return j
}

func cleaned(lines []string) []string {
	var all []string
	for _, l := range lines {
		all = append(all, safetext.Line(l))
	}
	return all
}

// object runs command, which stores its result in v, of which o is a part. It prints v, and returns the error of command.
func (p *program) object(ctx context.Context, v any, o *outcome, command func() error) error {
	err := command()
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	o.OK = err == nil
	if err != nil {
		o.ExitCode, o.Error = exit.Code(err, true), safetext.Lines(err.Error())
	}
	if werr := indented(p.out, v); werr != nil {
		return werr
	}
	return err
}

// nameOf returns the first argument, cleaned, or "" if there is none.
func nameOf(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return safetext.Line(args[0])
}

// unlessJSON returns check, except that a command that prints JSON checks its arguments itself.
func unlessJSON(asJSON *bool, check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if *asJSON {
			return nil
		}
		return check(cmd, args)
	}
}

// indented writes v as JSON.
func indented(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("json: %w", err)
	}
	return nil
}

// textOrGitHub returns an error unless format is text or github, or if it is github together with --json.
func textOrGitHub(format string, asJSON bool) error {
	switch {
	case format != "text" && format != "github":
		return fmt.Errorf("--format %s: must be text or github", format)
	case format == "github" && asJSON:
		return errors.New("either --json or --format github")
	}
	return nil
}
