package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
)

// A job takes one sample in a process of its own.
type job func() sample

// work does the job of the given name, or takes a sample of the row of that name, and prints it.
func work(name string) error {
	var s sample
	if do, ok := jobs()[name]; ok {
		s = do()
	} else {
		rows := choose(regexp.MustCompile("^" + regexp.QuoteMeta(name) + "$"))
		if len(rows) == 0 {
			return fmt.Errorf("no job %q", name)
		}
		m := meter{c: rows[0].who[0], p: runtime.GOMAXPROCS(0), slice: *slice}
		s = m.take()
	}
	return json.NewEncoder(os.Stdout).Encode(s)
}

// inProcess takes a sample with the program exe in a new process.
func inProcess(exe, name string, p int) sample {
	cmd := exec.CommandContext(context.Background(), exe, "-worker", name)
	cmd.Env = append(os.Environ(), "GOMAXPROCS="+strconv.Itoa(p))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		fatal(fmt.Errorf("%s: %w", name, err))
	}
	var s sample
	if err := json.Unmarshal(out, &s); err != nil {
		fatal(fmt.Errorf("%s: %w", name, err))
	}
	return s
}

// fatal ends the program: a table with holes would not be understood.
func fatal(err error) {
	removeBuilt()
	fmt.Fprintln(os.Stderr, "bench:", err)
	os.Exit(1)
}
