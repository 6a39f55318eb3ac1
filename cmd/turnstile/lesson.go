package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/console"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/lessons"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/report"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/testline"
	"github.com/turnstile-go/turnstile/internal/anytest"
	"github.com/turnstile-go/turnstile/internal/suite"
	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/scenarios/ordinary"
	"github.com/turnstile-go/turnstile/sync2/explore"
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
	"github.com/turnstile-go/turnstile/tui"
)

// lessonSettings returns the parameters that f sets for l. The only valid pace is 0, because lessons do not pause.
func lessonSettings(l *ordinary.Lesson, f *runFlags) (map[string]string, error) {
	of := *f
	if pace, err := strconv.ParseFloat(f.pace, 64); err == nil && pace == 0 {
		of.pace = ""
	}
	if of.pace != "" {
		return nil, fmt.Errorf("--pace %s: %s has no pauses to scale; use --speed to set how fast it is played", of.pace, l.Name)
	}
	return of.settings()
}

// lessonSchedule returns the number of the schedule that the parameters select.
func lessonSchedule(l *ordinary.Lesson, set map[string]string) (int, error) {
	params, err := l.NewParams(set)
	if err != nil {
		return 0, err // it says what is wrong
	}
	return params.Int(ordinary.Schedule.Name), nil
}

// startLesson starts l, and records it into the file record unless that is "".
func (p *program) startLesson(ctx context.Context, l *ordinary.Lesson, schedule int, record string) *lessons.Run {
	if record == "" {
		return p.workshop.Start(ctx, l, schedule, nil)
	}
	return p.workshop.Start(ctx, l, schedule, func(events []trace.Event) error { return p.recordTo(ctx, record, l.Name, events) })
}

// runLesson runs l in the format of f, or the one that suits the terminal.
func (p *program) runLesson(ctx context.Context, l *ordinary.Lesson, f *runFlags) error {
	set, err := lessonSettings(l, f)
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	schedule, err := lessonSchedule(l, set)
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	format, err := p.runFormat(f)
	if err != nil {
		return err
	}
	if format == "ui" {
		cfg := p.config(ctx, f.record)
		cfg.Run, cfg.RunParams = l.Name, set
		return p.show(ctx, cfg)
	}
	defer p.workshop.Clean()
	r := p.startLesson(ctx, l, schedule, f.record)
	defer r.Stop()
	p.await(r)
	if ctx.Err() != nil {
		return context.Cause(ctx) // it is the signal
	}
	if r.Note() != "" {
		console.Complain(p.errs, r.Note())
	}
	if format == "json" {
		err = tracefile.Write(p.out, r.Events())
	} else {
		err = p.printLesson(ctx, l, r, f.times)
	}
	switch {
	case p.out.Failure() != nil:
		return p.out.Failure()
	case err != nil:
		return err
	case r.Err() != nil:
		return exit.With(exit.Failed, fmt.Errorf("%s: %w", l.Name, r.Err()))
	}
	return nil
}

// await waits until r has ended.
func (p *program) await(r *lessons.Run) {
	defer p.status(buildingTest).Stop()
	r.Wait()
}

// printLesson prints the events of r as text.
func (p *program) printLesson(ctx context.Context, l *ordinary.Lesson, r *lessons.Run, times bool) error {
	if err := timeline.WriteText(ctx, p.out, r.Events()); err != nil {
		return err // it says what it is about
	}
	if times {
		var s timeline.State
		for i := range r.Events() {
			_ = s.Apply(r.Events()[i])
		}
		report.WriteTimes(p.out, &s)
	}
	if r.Err() == nil && len(r.Events()) > 0 {
		_, _ = fmt.Fprintf(p.out, "\n%s: the test passes under this schedule; to try all of them: turnstile check %s\n", l.Name, l.Name) // p.out keeps the error
	}
	return nil
}

// checkLesson explores l like "turnstile test".
func (p *program) checkLesson(ctx context.Context, l *ordinary.Lesson, f *checkFlags, result *checkJSON) error {
	switch {
	case f.format != "text":
		return exit.With(exit.Usage, fmt.Errorf("%s is a test of ordinary Go, for which check prints what turnstile test does: omit --format", l.Name))
	case len(f.params) > 0:
		return exit.With(exit.Usage, fmt.Errorf("%s has no parameters that check uses", l.Name))
	}
	own := []string{"-runs=" + strconv.Itoa(f.budget), "-seed=" + strconv.FormatUint(f.seed, 10), "-strategy=" + f.strategy}
	if f.json {
		failure, err := p.exploredLesson(ctx, l, own, result)
		if err == nil && failure != nil {
			result.Failure = newFailure(failure)
			err = exit.With(exit.Failed, fmt.Errorf("%s: %w", l.Name, failure))
		}
		return err
	}
	args, err := p.workshop.GoTestArgs(l)
	if err != nil {
		return err
	}
	defer p.workshop.Clean()
	line, err := testline.Parse(slices.Concat(onlyLesson(l), []string{"-v"}, own, args))
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	return p.tests().Explore(ctx, line)
}

// onlyLesson returns the flags of go test that select l.
func onlyLesson(l *ordinary.Lesson) []string {
	flags := []string{"-run=^" + l.Test + "$"}
	if l.Expect == scenarios.ExpectRace {
		flags = append(flags, "-race")
	}
	return flags
}

// lessonFailure returns the failure of l with the shortest schedule that it finds.
func (p *program) lessonFailure(ctx context.Context, l *ordinary.Lesson) (*explore.Failure, error) {
	failure, err := p.exploredLesson(ctx, l, nil, new(checkJSON))
	if err == nil && failure == nil {
		err = suite.ErrNoSchedule
	}
	return failure, err
}

// exploredLesson explores l with the given flags of turnstile test, stores what was covered in result, and returns the failure
// that it found, nil if there is none.
func (p *program) exploredLesson(ctx context.Context, l *ordinary.Lesson, own []string, result *checkJSON) (*explore.Failure, error) {
	args, err := p.workshop.GoTestArgs(l)
	if err != nil {
		return nil, err
	}
	defer p.workshop.Clean()
	r, out, err := p.tests().ExploreOne(ctx, slices.Concat(onlyLesson(l), own, args))
	if err != nil {
		return nil, err
	}
	result.Schedules, result.Strategy, result.Exhausted = r.Schedules, r.Strategy, r.Verdict == anytest.Exhausted
	switch {
	case len(r.Failures) > 0:
		result.Summary = fmt.Sprintf("%s in schedule %d", r.Failures[0].Kind, r.Failures[0].Schedule)
		return p.tests().Replay(ctx, r.Failures[0].Token, args)
	case r.Test == "":
		return nil, exit.With(exit.Trouble, fmt.Errorf("%s could not be run: %s", l.Name, strings.TrimSpace(out)))
	case r.Verdict == anytest.Refused:
		return nil, exit.With(exit.Trouble, fmt.Errorf("%s cannot be explored: %s", l.Name, r.Reason))
	}
	result.Summary = fmt.Sprintf("%s, schedules: %d", r.Verdict, r.Schedules)
	return nil, nil // it does not fail
}

// lessonMaterial returns the trace of l, for an export.
func (p *program) lessonMaterial(ctx context.Context, l *ordinary.Lesson, f *exportFlags) (*tui.Playback, error) {
	set, err := lessonSettings(l, &f.runFlags)
	if err != nil {
		return nil, exit.With(exit.Usage, err)
	}
	schedule, err := lessonSchedule(l, set)
	if err != nil {
		return nil, exit.With(exit.Usage, err)
	}
	defer p.workshop.Clean()
	r := p.startLesson(ctx, l, schedule, "")
	defer r.Stop()
	p.await(r)
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx) // it is the signal
	case len(r.Events()) == 0:
		return nil, r.Err()
	}
	return &tui.Playback{Title: l.Name, Events: r.Events(), Note: r.Note(), Err: r.Err()}, nil
}
