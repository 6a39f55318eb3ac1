package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/console"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/record"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/report"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/session"
	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/scenarios/ordinary"
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
)

// runFlags are the flags of the command run.
type runFlags struct {
	params []string // key=value
	pace   string
	record string
	format string // "", "ui", "text" or "json"
	times  bool   // say at the end what the waiting cost
	cpu    string // where the processor's profile goes, "": nowhere
}

// run returns the command that runs one scenario.
func (p *program) run() *cobra.Command {
	f := new(runFlags)
	cmd := &cobra.Command{
		Use:   "run NAME",
		Short: "Run a scenario and watch it",
		Long: `Run runs a scenario, shows what its goroutines do, and checks its invariant.

In a terminal it shows the scenario in the player. Elsewhere, and with --format text, it prints a line for each event
as it happens; --format json prints the trace in the format of trace files. There, a scenario that hangs or never ends is
stopped, and the exit code is 1. The last lines, with --format json on the standard error, name the goroutines
left behind, and say whether the run failed to show the scenario's bug.

` + exit.Help,
		Example: `  turnstile run barrier
  turnstile run semaphore -p workers=12 -p permits=3 --pace 2
  turnstile run counter --format text --pace 0 --record counter.trace.jsonl`,
		Args:              oneName,
		ValidArgsFunction: completeScenario,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.runScenario(cmd.Context(), args[0], f)
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVarP(&f.params, "param", "p", nil, "set a parameter of the scenario, `key=value`; may be repeated")
	flags.StringVar(&f.pace, "pace", "", "how slowly it runs: 1 for people, 0 without pauses")
	flags.StringVar(&f.record, "record", "", "write the trace to `file`, for turnstile play")
	flags.StringVar(&f.format, "format", "", "ui, text or json; ui in a terminal, text elsewhere")
	flags.BoolVar(&f.times, "times", false, "print where the time went: who waited, how often and how long, for each object; text only")
	flags.StringVar(&f.cpu, "cpuprofile", "", "write a CPU profile to `file`, for go tool pprof")
	complete(cmd, "format", "ui", "text", "json")
	if err := cmd.RegisterFlagCompletionFunc("param", completeParam); err != nil {
		panic(err) // the flag does not exist
	}
	return cmd
}

// oneName checks the arguments of run.
func oneName(_ *cobra.Command, args []string) error {
	switch len(args) {
	case 0:
		return errors.New(`scenario missing; "turnstile list" names them`)
	case 1:
		return nil
	}
	return fmt.Errorf("run takes one scenario, not also %q; parameters are given as -p key=value", args[1])
}

// settings returns the parameters that the flags set, as text.
func (f *runFlags) settings() (map[string]string, error) {
	set := make(map[string]string)
	for _, pair := range f.params {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, fmt.Errorf("-p %s: a parameter is given as key=value", pair)
		}
		set[name] = value
	}
	if f.pace != "" {
		set[scenarios.Pace.Name] = f.pace
	}
	return set, nil
}

// runFormat returns the format of the flags, or the one that suits the terminal.
func (p *program) runFormat(f *runFlags) (string, error) {
	format, err := p.format(f.format, "ui", "text", "json")
	if err == nil && f.times && format != "text" {
		err = exit.With(exit.Usage, errors.New("--times needs --format text"))
	}
	return format, err
}

// runScenario runs the scenario called name in the format of f, or the one that suits the terminal.
func (p *program) runScenario(ctx context.Context, name string, f *runFlags) error {
	if l := ordinary.Find(name); l != nil {
		return p.runLesson(ctx, l, f)
	}
	s, err := find(name)
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	set, err := f.settings()
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	params, err := s.NewParams(set)
	if err != nil {
		return exit.With(exit.Usage, err)
	}
	format, err := p.runFormat(f)
	if err != nil {
		return err
	}
	stop, err := profile(f.cpu)
	if err != nil {
		return err
	}
	return errors.Join(p.runIn(ctx, format, s, params, set, f), stop())
}

// runIn runs s in the given format.
func (p *program) runIn(
	ctx context.Context, format string, s *scenarios.Scenario, params scenarios.Params, set map[string]string, f *runFlags,
) error {
	as := record.As{File: f.record, Label: record.Label(s.Name, set)}
	switch format {
	case "ui":
		cfg := p.config(ctx, f.record)
		cfg.Run, cfg.RunParams = s.Name, maps.Clone(set)
		return p.show(ctx, cfg)
	case "json":
		return p.runJSON(ctx, s, params, as)
	default:
		return p.runText(ctx, s, params, as, f.times)
	}
}

// format returns asked, or, if that is "", ui in a terminal and text elsewhere.
func (p *program) format(asked string, known ...string) (string, error) {
	switch {
	case asked == "" && p.terminal:
		return "ui", nil
	case asked == "":
		return "text", nil
	case asked == "ui" && !p.terminal:
		return "", exit.With(exit.Usage, errors.New("--format ui: input and output must be a terminal"))
	case slices.Contains(known, asked):
		return asked, nil
	}
	return "", exit.With(exit.Usage, fmt.Errorf("--format %s: must be one of %s", asked, strings.Join(known, ", ")))
}

// runText runs s and prints its events as they happen.
func (p *program) runText(ctx context.Context, s *scenarios.Scenario, params scenarios.Params, as record.As, times bool) error {
	return p.watch(ctx, s, params, as, func(ses *session.Session) {
		w := timeline.NewTextWriter(p.out)
		ses.ToEnd(func(ev trace.Event) { _ = w.Write(ev) }) // p.out keeps the error
	}, func(ses *session.Session) {
		if times {
			report.WriteTimes(p.out, ses.Seen())
		}
		said := ses.Remarks()
		if err, _ := ses.Result(); err == nil {
			said = append([]string{"the invariant held"}, said...)
		}
		for i, text := range said {
			if i == 0 {
				_, _ = fmt.Fprintln(p.out)
			}
			_, _ = fmt.Fprintf(p.out, "%s: %s\n", s.Name, text)
		}
	})
}

// runJSON runs s and prints its trace. It prints remarks on the standard error.
func (p *program) runJSON(ctx context.Context, s *scenarios.Scenario, params scenarios.Params, as record.As) error {
	return p.watch(ctx, s, params, as, func(ses *session.Session) {
		w := tracefile.NewWriter(p.out)
		defer func() { _ = w.Close() }() // p.out keeps the error
		ses.ToEnd(record.Labeling{To: w, Label: as.Label}.Event)
	}, func(ses *session.Session) {
		for _, text := range ses.Remarks() {
			console.Complain(p.errs, s.Name+": "+text)
		}
	})
}

// watch starts s, calls show to print it to its end, and then closing. It returns the error of the scenario or of recording it.
// It stops as soon as writing the output fails.
func (p *program) watch(ctx context.Context, s *scenarios.Scenario, params scenarios.Params, as record.As, show, closing func(*session.Session)) error {
	ses, err := session.Start(p.withEngine(ctx, s), s, params, as)
	if err != nil {
		return err
	}
	defer ses.Stop()
	p.out.OnFailure(ses.StopOn)
	show(ses)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case p.out.Failure() != nil:
		return p.out.Failure()
	}
	closing(ses)
	switch err, recording := ses.Result(); {
	case err != nil:
		return exit.With(exit.Failed, fmt.Errorf("%s: %w", s.Name, err))
	case recording != nil:
		return exit.With(exit.Trouble, fmt.Errorf("--record: %w", recording))
	}
	return nil
}

// completeScenario offers the names of scenarios.
func completeScenario(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var names []cobra.Completion
	if len(args) == 0 {
		for _, s := range catalog() {
			names = append(names, cobra.CompletionWithDesc(s.Name, s.Title))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeParam offers the parameters of the scenario on the command line.
func completeParam(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var names []cobra.Completion
	if len(args) > 0 {
		if s, err := find(args[0]); err == nil {
			for _, param := range s.AllParams() {
				names = append(names, cobra.CompletionWithDesc(param.Name+"=", param.Help+", "+param.Range()))
			}
		}
	}
	return names, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}
