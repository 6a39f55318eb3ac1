package scenarios

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "commands",
	Title:    "Run other programs, and learn how they ended",
	Category: CategoryProcesses,
	Programs: []int{27, 28, 29, 30, 99},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "A program that has ended leaves a number, its exit status: 0 for success, and anything else for " +
		"whatever the program's manual says. Run returns an *exec.ExitError that holds it. The program's output is " +
		"bytes: Output captures its standard output, CombinedOutput the errors as well, and both say nothing until it " +
		"has ended. Arguments are a list: no shell reads them, so nothing in them needs quoting.",
	Look: "Each line of the log is one program: one that succeeds, one that fails with the status 3, one whose " +
		"output is captured, one that complains, one whose input is a text, and one that does not exist.",
	Run: runCommands,
})

var _ = childProgram("exit", func(arg string) {
	var status int
	_, _ = fmt.Sscan(arg, &status)
	_, _ = fmt.Println("I end with", status)
	_, _ = fmt.Fprintln(os.Stderr, "this is a complaint")
	os.Exit(status)
})

func runCommands(ctx context.Context, p Params) error {
	var errs []error
	check := func(what string, ok bool) {
		if !ok {
			errs = append(errs, errors.New(what))
		}
	}
	run := func(program, arg string) *exec.Cmd {
		p.Pause(ctx, 500*time.Millisecond)
		cmd, err := child(ctx, program, arg)
		if err != nil {
			errs = append(errs, err)
			return exec.CommandContext(ctx, "")
		}
		return cmd
	}

	// Run waits until the program has ended. Its error is nil if the exit status is 0.
	err := run("exit", "0").Run()
	trace.Log("status 0: %v", err)
	check("a program that ends with 0 has succeeded", err == nil)

	// Any other status is an error of its own type. A program that never began has another error.
	err = run("exit", "3").Run()
	var exit *exec.ExitError
	trace.Log("status 3: %v", err)
	check("a program that ends with 3 gives an ExitError with 3", errors.As(err, &exit) && exit.ExitCode() == 3)

	// Output is what the program wrote, as bytes: that they are lines of text is for the caller to know.
	out, err := run("exit", "0").Output()
	trace.Log("its output: %q", out)
	check("the output is captured", err == nil && strings.TrimSpace(string(out)) == "I end with 0")

	// Where it wrote both its output and its complaints, they come in the order in which it wrote them.
	out, err = run("exit", "1").CombinedOutput()
	trace.Log("output and complaints: %q", out)
	check("the complaint is captured", err != nil && bytes.HasSuffix(bytes.TrimSpace(out), []byte("this is a complaint")))

	// A text as input, and a count of what came out: wc -l.
	cmd := run("upper", "")
	cmd.Stdin = strings.NewReader("one\ntwo\nthree\n")
	out, err = cmd.Output()
	trace.Log("%d lines came out, the last of them %q", bytes.Count(out, []byte("\n")), bytes.TrimSpace(out[bytes.IndexByte(out, '\n')+1:]))
	check("each line comes out in capitals", err == nil && strings.Join(strings.Fields(string(out)), " ") == "ONE TWO THREE")

	p.Pause(ctx, 500*time.Millisecond)
	err = exec.CommandContext(ctx, "there-is-no-such-program").Run()
	trace.Log("no such program: %v", err)
	check("a program that does not exist cannot be run", errors.Is(err, exec.ErrNotFound))
	return errors.Join(errs...)
}
