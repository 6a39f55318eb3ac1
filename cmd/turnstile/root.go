package main

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/tui"
)

// root returns the command turnstile with its subcommands. begun becomes true when the command line was understood and
// the command begins.
func (p *program) root() (root *cobra.Command, begun *bool) {
	begun = new(bool)
	root = &cobra.Command{
		Use:   "turnstile",
		Short: "Watch goroutines wait for each other",
		Long: `Turnstile shows goroutines at synchronization primitives: who waits, for what, and who releases whom.

Without a command it opens the browser of scenarios, small programs that each teach one thing.
Without a terminal it runs the scenario "barrier" and prints its events as text.

` + exit.Help,
		Args:          unknownCommand,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			*begun = true
			p.look.changed = cmd.Flags().Changed
			return p.look.check()
		},
		RunE: p.browse,
	}
	root.SuggestionsMinimumDistance = 2
	root.AddCommand(p.list(), p.run(), p.play(), p.export(), p.check(), p.replay(), p.suite(), p.hint(), p.test(), p.watchCommand(), p.engineCommand(), p.driveCommand(), p.stats(), p.diff(), p.sandboxCommand(), p.versionCommand(), p.man())
	root.SetIn(p.in)
	root.SetOut(p.out)
	root.SetErr(p.errs)
	p.look.flags(root)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	refuseUnknown(root)
	root.SetVersionTemplate("turnstile {{.Version}}\n")
	setVersion(root, version())
	return root, begun
}

// browse runs turnstile without a command: the browser, or, without a terminal, one scenario as text.
func (p *program) browse(cmd *cobra.Command, _ []string) error {
	if p.terminal {
		return p.show(cmd.Context(), p.config(cmd.Context(), ""))
	}
	_, _ = fmt.Fprintln(p.errs, `There is no terminal, so this is the scenario "barrier" as text. In a terminal, turnstile opens a browser of`)
	_, _ = fmt.Fprintf(p.errs, "%d scenarios and animates what their goroutines do; \"turnstile list\" names them.\n\n", len(catalog()))
	r := &runFlags{format: "text"}
	return p.runScenario(cmd.Context(), "barrier", r)
}

// refuseUnknown makes the commands that cobra adds to root reject unknown arguments.
func refuseUnknown(root *cobra.Command) {
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			cmd.Args = func(_ *cobra.Command, args []string) error {
				if found, _, err := root.Find(args); err == nil && found != root {
					return nil
				}
				return unknownCommand(root, args)
			}
		case "completion":
			cmd.Args = func(cmd *cobra.Command, args []string) error {
				if len(args) == 0 {
					return nil
				}
				var shells []string
				for _, c := range cmd.Commands() {
					shells = append(shells, c.Name())
				}
				return fmt.Errorf("no completion for %q, only for %s", args[0], strings.Join(shells, ", "))
			}
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		}
	}
}

// unknownCommand returns an error for the first argument, which is not a command, with a suggestion.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if _, err := find(args[0]); err == nil {
		return fmt.Errorf("%q is a scenario; to run it: turnstile run %s", args[0], args[0])
	}
	text := fmt.Sprintf("unknown command %q", args[0])
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		text += fmt.Sprintf("; did you mean %q?", near[0])
	}
	return errors.New(text)
}

// A look says how the terminal UI draws. It holds the flags of the commands that may show it.
type look struct {
	ascii, noColor, highContrast, reducedMotion, noMouse bool

	background string
	speed      float64

	changed func(flag string) bool // reports whether the flag was given
}

func (l *look) flags(cmd *cobra.Command) {
	f := cmd.PersistentFlags()
	f.BoolVar(&l.ascii, "ascii", false, "draw with ASCII characters only")
	f.BoolVar(&l.noColor, "no-color", false, "no colors; the environment variable NO_COLOR, with any value, does the same")
	f.BoolVar(&l.highContrast, "high-contrast", false, "strong colors, nothing faint")
	f.BoolVar(&l.reducedMotion, "reduced-motion", false, "nothing slides or blinks")
	f.BoolVar(&l.noMouse, "no-mouse", false, "leave the mouse to the terminal")
	f.StringVar(&l.background, "background", "auto", "terminal background: auto, dark or light")
	f.Float64Var(&l.speed, "speed", 1, "initial playback speed, 0.1 … 100")
	complete(cmd, "background", "auto", "dark", "light")
}

// backgrounds are the values of the flag --background.
var backgrounds = map[string]tui.Background{"auto": tui.BackgroundAuto, "dark": tui.BackgroundDark, "light": tui.BackgroundLight}

// check returns an error if a flag has an invalid value, even if it is not used.
func (l *look) check() error {
	if _, ok := backgrounds[l.background]; !ok {
		return exit.With(exit.Usage, fmt.Errorf("--background %s: must be auto, dark or light", l.background))
	}
	if !(l.speed >= 0.1 && l.speed <= 100) { // NaN is not either
		return exit.With(exit.Usage, fmt.Errorf("--speed %g: out of range, must be 0.1 … 100", l.speed))
	}
	return nil
}

// apply sets the fields of cfg according to the flags and the environment.
func (l *look) apply(cfg *tui.Config, getenv func(string) string) {
	cfg.Background, cfg.Speed = backgrounds[l.background], l.speed
	cfg.ASCII, cfg.HighContrast, cfg.ReducedMotion, cfg.NoMouse = l.ascii, l.highContrast, l.reducedMotion, l.noMouse
	cfg.NoColor = l.noColor || getenv("NO_COLOR") != ""
}

// complete offers values for a flag of cmd.
func complete(cmd *cobra.Command, flag string, values ...string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag does not exist
	}
}

// versionCommand returns the command version, which does the same as the flag --version.
func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "version",
		Short:             "Print the version",
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			if _, err := fmt.Fprintf(p.out, "turnstile %s\n", version()); err != nil {
				return fmt.Errorf("version: %w", err)
			}
			return nil
		},
	}
}

// setVersion gives cmd and all below it the flag --version.
func setVersion(cmd *cobra.Command, version string) {
	cmd.Version = version
	for _, c := range cmd.Commands() {
		setVersion(c, version)
	}
}

// version returns the version of the program, the version of Go and the platform.
func version() string {
	v := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		v = info.Main.Version
	}
	return strings.Join([]string{v, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}, " ")
}
