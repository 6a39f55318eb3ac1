package scenarios

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "process-facts",
	Title:    "What a process knows about itself and its machine",
	Category: CategoryProcesses,
	Programs: []int{98, 102},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "The system gives each process a number, a parent, a user and a working directory. A child has a number " +
		"of its own and inherits the rest: here it says so itself. The machine has a name and a number of cores; " +
		"GOMAXPROCS is the number of them that a Go program uses at the same time.",
	Look: "First the facts about this process and the machine. Then a child reports its own: another number, this " +
		"process as its parent, the same user and the same directory.",
	Run: runProcessFacts,
})

var _ = childProgram("facts", func(string) {
	dir, _ := os.Getwd()
	_, _ = fmt.Println(os.Getpid(), os.Getppid(), os.Getuid(), os.Getgid(), dir)
})

func runProcessFacts(ctx context.Context, p Params) error {
	say := func(format string, args ...any) {
		p.Pause(ctx, 450*time.Millisecond)
		trace.Log(format, args...)
	}
	dir, err := os.Getwd()
	if err != nil {
		return fmt.Errorf("this process has no directory: %w", err)
	}
	say("this process is number %d; its parent is %d", os.Getpid(), os.Getppid())
	say("it belongs to user %d and group %d", os.Getuid(), os.Getgid()) // -1 on Windows, which has no such numbers
	say("the machine runs %s on %s, with %d cores, of which Go uses %d",
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.GOMAXPROCS(0))

	cmd, err := child(ctx, "facts", "")
	if err != nil {
		return err
	}
	out, err := cmd.Output()
	if err != nil {
		return because(ctx, fmt.Errorf("the child failed: %w", err))
	}
	facts := strings.SplitN(strings.TrimSpace(string(out)), " ", 5)
	if len(facts) != 5 {
		return fmt.Errorf("the child said %q", out)
	}
	say("the child is number %s; its parent is %s", facts[0], facts[1])
	say("it belongs to user %s and group %s, and works in the same directory: %t", facts[2], facts[3], facts[4] == dir)

	var errs []error
	for i, want := range []int{cmd.Process.Pid, os.Getpid(), os.Getuid(), os.Getgid()} {
		if facts[i] != strconv.Itoa(want) {
			errs = append(errs, fmt.Errorf("fact %d of the child is %s, want %d", i+1, facts[i], want))
		}
	}
	if facts[0] == facts[1] {
		errs = append(errs, errors.New("the child is its own parent"))
	}
	if facts[4] != dir {
		errs = append(errs, fmt.Errorf("the child works in %s, and this process in %s", facts[4], dir))
	}
	return errors.Join(errs...)
}
