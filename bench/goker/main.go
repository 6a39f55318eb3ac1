package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/turnstile-go/turnstile/bench/internal/command"
	"github.com/turnstile-go/turnstile/internal/anytest"
)

var (
	only    = flag.String("run", "", "only the programs whose name matches this regular `expression`")
	budget  = flag.Duration("time", 8*time.Second, "explore each program for at most this `duration`; the rest of ten seconds is for confirming")
	natural = flag.Int("natural", 5, "`number` of runs of each program with each of the other tools")
	whole   = flag.String("whole", "default", "explore the programs as they are with these `strategies`, the first of which is the one that counts")
	single  = flag.String("single", "default,random,pct,dpor", "explore one copy of each with these `strategies`; none if empty")
	fixed   = flag.Bool("fixed", true, "also explore fixed programs")
	keep    = flag.Bool("keep", false, "keep the temporary directory, and print its name")
)

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := goker(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "goker:", err)
		os.Exit(1)
	}
}

// columns returns the strategies in the value of a flag.
func columns(names string) []string {
	return slices.DeleteFunc(strings.Split(names, ","), func(s string) bool { return s == "" })
}

// A line is what is known of a program.
type line struct {
	program

	whole, single []*outcome // by strategy
	natural       []int      // by tool
}

// An outcome is how the exploration of a program with one strategy ended.
type outcome struct {
	report  *anytest.Report // nil: there is none, since its process came to an end
	failure *anytest.Failure
	grade   grade
}

func goker(ctx context.Context) error {
	if len(columns(*whole))+len(columns(*single)) == 0 {
		return errors.New("-whole and -single are both empty")
	}
	ps, err := chosen()
	if err != nil {
		return err
	}
	goroot, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return err
	}
	root := strings.TrimSpace(string(goroot))
	if _, err := os.Stat(filepath.Join(root, where)); err != nil {
		return fmt.Errorf("this GOROOT has no such programs: %w", err)
	}
	dir, err := os.MkdirTemp("", "turnstile-goker")
	if err != nil {
		return err
	}
	if *keep {
		fmt.Fprintln(os.Stderr, "goker:", dir)
	} else {
		defer os.RemoveAll(dir)
	}
	c, err := command.Build(ctx, dir)
	if err != nil {
		return err
	}
	g := &run{c: c, dir: filepath.Join(dir, "explored"), root: root}
	lines := make([]line, len(ps))
	for i := range ps {
		lines[i].program = ps[i]
	}
	fmt.Printf("%s %s/%s, %d CPUs; ≤ %v for each program and strategy\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), *budget)
	if err := g.strategies(ctx, "whole", columns(*whole), lines, unmodified, func(l *line) *[]*outcome { return &l.whole }); err != nil {
		return err
	}
	if err := g.strategies(ctx, "single", columns(*single), lines, oneCopy, func(l *line) *[]*outcome { return &l.single }); err != nil {
		return err
	}
	if *natural > 0 {
		if err := beside(ctx, filepath.Join(dir, "natural"), root, lines); err != nil {
			return err
		}
	}
	table(os.Stdout, lines)
	missed := summary(os.Stdout, lines)
	if *fixed {
		noise, err := g.fixed(ctx, ps)
		if err != nil {
			return err
		}
		missed = append(missed, noise...)
	}
	if len(missed) > 0 {
		return errors.New(strings.Join(missed, "\n"))
	}
	return ctx.Err()
}

func chosen() ([]program, error) {
	re, err := regexp.Compile(*only)
	if err != nil {
		return nil, err
	}
	ps, err := programs()
	if err != nil {
		return nil, err
	}
	ps = slices.DeleteFunc(ps, func(p program) bool { return !re.MatchString(p.name) })
	if len(ps) == 0 {
		return nil, fmt.Errorf("no program matches %q", *only)
	}
	return ps, nil
}

// A run is one of this command.
type run struct {
	c         *command.Command
	dir, root string
}

// strategies explores the programs, changed in the given way, with each strategy.
func (g *run) strategies(ctx context.Context, name string, strategies []string, lines []line, change change, of func(*line) *[]*outcome) error {
	var ps []program
	for i := range lines {
		ps = append(ps, lines[i].program)
	}
	if len(strategies) == 0 {
		return nil
	}
	if err := g.write(name, ps, change); err != nil {
		return err
	}
	for _, strategy := range strategies {
		reports := g.explore(ctx, name, ps, strategy)
		for i := range lines {
			l := &lines[i]
			*of(l) = append(*of(l), l.judge(reports["Test"+l.name]))
		}
	}
	return ctx.Err()
}

func (g *run) write(name string, ps []program, change change) error {
	if err := os.MkdirAll(g.dir, 0o755); err != nil {
		return err
	}
	if err := module(g.dir); err != nil {
		return err
	}
	return write(filepath.Join(g.dir, name), g.root, ps, change, plainTest)
}

// explore returns the reports of the programs.
func (g *run) explore(ctx context.Context, pkg string, ps []program, strategy string) map[string]*anytest.Report {
	args := []string{"-vet=off", "-timeout=0", "-runs=1000000000", "-time=" + budget.String()}
	if strategy != "default" {
		args = append(args, "-strategy="+strategy)
	}
	var tests []string
	for _, p := range ps {
		tests = append(tests, "Test"+p.name)
	}
	fmt.Fprintf(os.Stderr, "goker: %s, %s\n", pkg, strategy)
	return g.c.Explore(ctx, g.dir, "./"+pkg, tests, []string{"GOWORK=off"}, args, func(test string, r *command.Result) {
		fmt.Fprintf(os.Stderr, "goker: %s has no report; the last that was printed:\n%s\n", test, command.Tail(r.Output, 40))
	})
}

// everySchedule is the kind of a leak that every schedule has, which is not a failure of the test but a note.
const everySchedule = "leak, in every schedule"

// judge finds the failure of a report that is most like that of the program. A leak in every schedule is a note.
func (p *program) judge(r *anytest.Report) *outcome {
	o := &outcome{report: r}
	if r == nil {
		return o
	}
	for i := range r.Failures {
		if f := &r.Failures[i]; p.grade(f) > o.grade {
			o.failure, o.grade = f, p.grade(f)
		}
	}
	for _, n := range r.Notes {
		_, places, ok := strings.Cut(n, "wait forever after the test has ended, as at ")
		f := &anytest.Failure{Kind: everySchedule, Places: strings.Split(places, ", "), Schedule: 1}
		if ok && p.grade(f) > o.grade {
			o.failure, o.grade = f, p.grade(f)
		}
	}
	return o
}

// beside counts in how many of the natural runs the other tools find something.
func beside(ctx context.Context, dir, root string, lines []line) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var ps []program
	for i := range lines {
		ps = append(ps, lines[i].program)
	}
	ts := tools()
	fmt.Fprintln(os.Stderr, "goker: the other tools")
	if err := prepare(ctx, dir, root, ps, ts); err != nil {
		return err
	}
	var all errgroup.Group
	all.SetLimit(2 * runtime.NumCPU()) // the programs sleep most of the time
	for i := range lines {
		all.Go(func() error {
			for _, t := range ts {
				lines[i].natural = append(lines[i].natural, t.count(ctx, &lines[i].program, *natural))
			}
			return ctx.Err()
		})
	}
	return all.Wait()
}

// fixed explores the programs that have a fix, and returns those in which there still is a failure.
func (g *run) fixed(ctx context.Context, ps []program) (noise []string, err error) {
	ps = fixable(ps)
	if len(ps) == 0 {
		return nil, nil
	}
	for name, change := range map[string]change{"fixed": fix, "fixedone": fixedOneCopy} {
		if err := g.write(name, ps, change); err != nil {
			return nil, err
		}
	}
	whole, one := g.explore(ctx, "fixed", ps, "default"), g.explore(ctx, "fixedone", ps, "default")
	fmt.Printf("\n| fixed | as it is | one copy |\n|-|-|-|\n")
	for _, p := range ps {
		fmt.Printf("| %s | %s | %s |\n", p.name, verdict(whole["Test"+p.name]), verdict(one["Test"+p.name]))
		for _, r := range []*anytest.Report{whole["Test"+p.name], one["Test"+p.name]} {
			if r == nil || r.Verdict != anytest.Exhausted && r.Verdict != anytest.Budget {
				noise = append(noise, p.name+", fixed: "+verdict(r))
			}
		}
	}
	return noise, ctx.Err()
}

func verdict(r *anytest.Report) string {
	switch {
	case r == nil:
		return "no report"
	case r.Verdict == anytest.Failed && len(r.Failures) > 0:
		return "FAILED: " + r.Failures[0].Kind + " at " + strings.Join(r.Failures[0].Places, ", ")
	case r.Verdict == anytest.Refused:
		return "refused: " + r.Reason
	}
	if r.Schedules == 1 {
		return string(r.Verdict) + ", 1 schedule"
	}
	return fmt.Sprintf("%s, %d schedules", r.Verdict, r.Schedules)
}
