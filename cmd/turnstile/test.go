package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/testline"
)

// test returns the command that explores the tests of any Go package.
func (p *program) test() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "test [packages] [flags]",
		Short: "Run the tests of any Go package under every schedule that matters",
		Long: `Test is go test, except that it runs each test repeatedly, each time under a different schedule, until it fails, every
schedule that matters has been run, or the budget is spent. A schedule is the order in which the goroutines' operations
run. The tests and what they test are ordinary Go: channels, select, sync, sync/atomic, context, time and go statements,
including those in dependencies and the standard library. Neither the code nor go.mod is changed. A failure is printed with
the schedule that leads to it and a token that replays it.

It takes the flags of go test and go build (see "go help test", "go help testflag"), with the same meaning. With
-race, all schedules are run without the race detector first and then with it. Results are never taken from go test's
cache; -count=n explores each test n times. Without -timeout, a test that takes 10 minutes more than -time is taken to hang;
-timeout limits all tests of a package together. Benchmarks, examples and fuzz tests run as they do under go test.

It also has flags of its own. They go before or after the packages, like those of go test; what follows -args is for the test binary:
  -runs n          try at most n schedules of each test
  -time d          spend at most the duration d on each test
  -steps n         initial limit of n steps for a schedule
  -strategy s      how schedules are chosen: random, pct, dpor, or all, one after the other (default all)
  -anytime s       whether timers may fire while goroutines can go on: off, on, or auto, off first and then on (default auto)
  -leaks s         whether goroutines that wait forever when the test has ended are a failure: on or off (default on)
  -unexplored s    whether a test that cannot be explored, such as one whose first schedule takes too long, makes the exit
                   code 1: pass or fail (default pass); the last lines, -v and -report name such tests and the reason in any case
  -seed n          random seed (default 1)
  -replay token    run only the schedule of the token; the environment variable EXPLORE_REPLAY does the same
  -report file     write the result of each test to the file, one JSON object a line
  -format f        text, or github: failures also become annotations in GitHub Actions (default text)

The patched copy of the standard library is kept in the user's cache directory, or in the directory that
the environment variable TURNSTILE_CACHE names.

Exit codes are those of go test, and:
  3    the exploration could not begin: no go command, or a version of Go that turnstile does not know
  130  interrupted by Ctrl-C (128 plus the signal number, for other signals too)`,
		Example: `  turnstile test ./...
  turnstile test -race -run TestTransfer -runs 20000 -time 30s -v ./bank
  turnstile test -replay s2y… ./bank`,
		DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && args[0] == "--version" {
				_, err := fmt.Fprintf(p.out, "turnstile %s\n", cmd.Version)
				return err // it names what could not be written
			}
			line, err := testline.Parse(args)
			if err != nil {
				return exit.With(exit.Usage, err)
			}
			if line.Help {
				return cmd.Help() // likewise
			}
			return p.tests().Explore(cmd.Context(), line)
		},
	}
	return cmd
}
