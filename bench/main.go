package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/sync2/process"
)

func main() {
	process.Main()
	if err := bench(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

var slice = flag.Duration("slice", 60*time.Millisecond, "make a sample about so long")

func bench() error {
	pattern := flag.String("run", "", "measure only the rows whose name begins with a match of this regular `expression`")
	counts := flag.Int("counts", 6, "`number` of samples of each")
	list := flag.Bool("list", false, "print the names of the rows, and measure nothing")
	worker := flag.String("worker", "", "take one sample of the named `job` and print it; for internal use")
	flag.Parse()
	if *worker != "" {
		return work(*worker)
	}
	if *counts < 1 || *slice <= 0 {
		return errors.New("-counts and -slice must be more than 0")
	}
	re, err := regexp.Compile("^(?i:" + *pattern + ")")
	if err != nil {
		return err
	}
	rows := choose(re)
	switch {
	case *list:
		for _, r := range rows {
			fmt.Println(r.name())
		}
		return nil
	case len(rows) > 0:
	case re.MatchString(pythonPart):
		return python(os.Stdout)
	default:
		return fmt.Errorf("no row matches %q; -list names them", *pattern)
	}
	defer removeBuilt()
	fmt.Printf("%s %s/%s, %d CPUs; P is GOMAXPROCS; %d counts of %v; ratios are of medians, or of minima where \"min\" stands behind them\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), *counts, *slice)
	t := newTable(os.Stdout, rows)
	t.head()
	for _, r := range rows {
		t.row(&r, r.measure(*counts, *slice))
	}
	t.foot()
	if re.MatchString(pythonPart) {
		return python(os.Stdout)
	}
	return nil
}

// choose returns the rows whose name matches re.
func choose(re *regexp.Regexp) []row {
	return slices.DeleteFunc(all(), func(r row) bool { return !re.MatchString(r.name()) })
}

// all returns every row there is.
func all() []row {
	return slices.Concat(
		semaphoreRows(), barrierRows(), eventRows(), mutexRows(), rwMutexRows(), waitGroupRows(), onceRows(), reentrantRows(), togetherRows(), localRows(), queueRows(), executorRows(), processRows(),
		memoryRows(), scaleRows(), hookRows(), traceRows(), timelineRows(), explorerRows(), anytestRows(), watchRows(), tuiRows(),
	)
}
