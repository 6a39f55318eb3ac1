package scenarios

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "subprocess-pipes",
	Title:    "Three processes in a row: upper | sort | uniq",
	Category: CategoryProcesses,
	Programs: []int{31, 32, 33},
	Expect:   ExpectClean,
	Real:     true,
	Lesson: "In a pipeline of processes each reads what the one before it writes, and all run at the same time. " +
		"One goroutine feeds the first and another reads from the last: if one did both, it could be stuck writing " +
		"while the last process waits for it to read. The end of the input travels down the row and ends each " +
		"process.",
	Look: "The feeder sends one word at a time. Nothing comes out meanwhile, because sort has to see all of them " +
		"first; when the feeder closes the pipe, the reader gets everything at once.",
	Params: []Param{
		{Name: "words", Help: "number of words", Default: 12, Min: 1, Max: 1000},
	},
	Run: runSubprocessPipes,
})

func runSubprocessPipes(ctx context.Context, p Params) error {
	fruit := []string{"plum", "apple", "pear", "apple", "quince"}
	words := make([]string, p.Int("words"))
	for i := range words {
		words[i] = fruit[i%len(fruit)]
	}

	row, in, out, err := startRow(ctx, "upper", "sort", "uniq")
	if err != nil {
		return because(ctx, err)
	}
	feeder := sync2.Go("feeder", func() {
		for _, word := range words {
			trace.Log("sends %s", word)
			_, _ = fmt.Fprintln(in, word) // if it does not arrive, the comparison at the end shows it
			p.Pause(ctx, 3*time.Second/time.Duration(len(words)))
		}
		_ = in.Close()
	})
	var got []string
	reader := sync2.Go("reader", func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			got = append(got, lines.Text())
			trace.Log("has %s", lines.Text())
		}
	})
	feeder.Join()
	reader.Join()
	var errs []error
	for _, process := range row {
		errs = append(errs, process.Wait())
	}

	// The expected output, computed here, and by a shell if there is one.
	count := make(map[string]int)
	for _, word := range words {
		count[strings.ToUpper(word)]++
	}
	var want []string
	for _, word := range slices.Sorted(maps.Keys(count)) {
		want = append(want, fmt.Sprint(count[word], " ", word))
	}
	if !slices.Equal(got, want) {
		errs = append(errs, fmt.Errorf("the output is %q, want %q", got, want))
	}
	if says, ok := shell(ctx, words); ok && !slices.Equal(got, says) {
		errs = append(errs, fmt.Errorf("the output is %q, and that of a shell %q", got, says))
	}
	return errors.Join(errs...)
}

// shell returns the output of the same pipeline in this machine's shell, if it has one with these programs.
func shell(ctx context.Context, words []string) (out []string, ok bool) {
	cmd := exec.CommandContext(ctx, "sh", "-c", "tr a-z A-Z | LC_ALL=C sort | uniq -c")
	cmd.Stdin = strings.NewReader(strings.Join(words, "\n") + "\n")
	text, err := cmd.Output()
	for line := range strings.Lines(string(text)) {
		out = append(out, strings.Join(strings.Fields(line), " "))
	}
	if err != nil || len(out) == 0 {
		return nil, false
	}
	trace.Log("the shell says: %s", strings.Join(out, ", "))
	return out, true
}

// startRow starts a row of processes, each of which reads what the one before it writes. It returns them, a writer to
// the first and a reader from the last.
func startRow(ctx context.Context, programs ...string) (row []*exec.Cmd, in io.WriteCloser, out io.Reader, err error) {
	defer func() {
		if err != nil && in != nil {
			_ = in.Close() // those already running end when their input ends
			for _, process := range row {
				_ = process.Wait()
			}
		}
	}()
	for i, program := range programs {
		process, err := child(ctx, program, "")
		if err != nil {
			return row, in, nil, err
		}
		if i > 0 {
			process.Stdin = out
		} else if in, err = process.StdinPipe(); err != nil {
			return row, in, nil, fmt.Errorf("no pipe: %w", err)
		}
		if out, err = process.StdoutPipe(); err == nil {
			err = process.Start()
		}
		if err != nil {
			return row, in, nil, fmt.Errorf("cannot start a process: %w", err)
		}
		row = append(row, process)
	}
	return row, in, out, nil
}
