package scenarios

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/process"
)

// Some scenarios need other processes. They start the program that they are part of once more, with an environment
// variable that makes it one of the small programs below, and nothing else. So there is something to start on every
// system, and it is the same everywhere.
const childEnv = "TURNSTILE_CHILD"

// children are the programs that a child process can be. What they are given stands behind their name in the variable.
var children = make(map[string]func(arg string))

// childProgram adds a program; the file of each scenario that needs one calls it, in a variable declaration.
func childProgram(name string, run func(arg string)) bool { //nolint:unparam // a declaration needs a value
	children[name] = run
	return true
}

// What several scenarios use.
var (
	_ = childProgram("count", childCount)
	_ = childProgram("listen", childListen)
	_ = childProgram("upper", childUpper)
	_ = childProgram("sort", childSort)
	_ = childProgram("uniq", childUniq)
)

func init() {
	process.Main() // a process that package process has started
	name, arg, _ := strings.Cut(os.Getenv(childEnv), " ")
	if run := children[name]; run != nil {
		run(arg)
		os.Exit(0)
	}
}

// child returns a process that will run one of the programs above. It is killed when ctx ends.
func child(ctx context.Context, program, arg string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("nothing to start a process from: %w", err)
	}
	cmd := exec.CommandContext(ctx, self) //nolint:gosec // it is this program
	cmd.Env = append(os.Environ(), childEnv+"="+program+" "+arg,
		"GORACE=atexit_sleep_ms=0") // a program built for the race detector takes a second to end otherwise
	return cmd, nil
}

// lines starts a goroutine that puts each line that it reads from r into a queue, and closes that at the end.
func lines(name string, r io.Reader) (*sync2.Queue[string], *sync2.Goroutine) {
	q := sync2.NewQueue[string](0)
	return q, sync2.Go(name, func() {
		for in := bufio.NewScanner(r); in.Scan(); {
			_ = q.Put(in.Text()) // it has room for any number, and is not closed yet
		}
		q.Close()
	})
}

// childCount counts forever, with a pause of arg after each number.
func childCount(arg string) {
	pause, _ := time.ParseDuration(arg)
	for n := 1; ; n++ {
		if _, err := fmt.Println(n); err != nil {
			return
		}
		<-time.After(pause)
	}
}

// childListen says which signals it is sent, until its input ends.
func childListen(string) {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGALRM)
	end := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(end)
	}()
	_, _ = fmt.Println("ready")
	for {
		select {
		case s := <-signals:
			_, _ = fmt.Println("got", s)
		case <-end:
			return
		}
	}
}

// childUpper is tr a-z A-Z, line by line.
func childUpper(string) {
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		_, _ = fmt.Println(strings.ToUpper(in.Text()))
	}
}

// childSort is sort.
func childSort(string) {
	var all []string
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		all = append(all, in.Text())
	}
	slices.Sort(all)
	for _, line := range all {
		_, _ = fmt.Println(line)
	}
}

// childUniq is uniq -c: it counts lines that follow each other and are the same.
func childUniq(string) {
	last, n := "", 0
	say := func() {
		if n > 0 {
			_, _ = fmt.Println(n, last)
		}
	}
	for in := bufio.NewScanner(os.Stdin); in.Scan(); n++ {
		if in.Text() != last {
			say()
			last, n = in.Text(), 0
		}
	}
	say()
}
