package main

import (
	"fmt"
	"io"
	"runtime/pprof"
	"text/tabwriter"
	"time"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/internal/atomicfile"
	"github.com/turnstile-go/turnstile/sync2/timeline"
)

// Where the time of a run went: the waiting by object, and the processor's time as a profile.

// writeTimes prints what the waiting cost, object by object, the dearest first.
func writeTimes(w io.Writer, s *timeline.State) {
	all := s.Contention()
	_, _ = fmt.Fprintln(w) // the caller keeps its error
	if len(all) == 0 {
		_, _ = fmt.Fprintln(w, "No goroutine waited.")
		return
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(t, "waited\ttimes\teach\tat once\twaiting now\t  for")
	for _, c := range all {
		each := c.WaitTime / time.Duration(max(1, c.Waits))
		_, _ = fmt.Fprintf(t, "%v\t%d\t%v\t%d\t%d\t  %s\n", c.WaitTime.Round(time.Microsecond), c.Waits,
			each.Round(time.Microsecond), c.MaxQueue, c.Waiting, s.Words().ObjName(c.Obj))
	}
	_ = t.Flush()
}

// profile begins to write a profile of the processor's time to the file, unless that is "". What it returns ends that.
func profile(file string) (stop func() error, err error) {
	if file == "" {
		return func() error { return nil }, nil
	}
	f, err := atomicfile.Create(file)
	if err != nil {
		return nil, exit.With(exit.Trouble, fmt.Errorf("--cpuprofile: %w", err))
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		f.Discard()
		return nil, exit.With(exit.Trouble, fmt.Errorf("--cpuprofile: %w", err))
	}
	return func() error {
		pprof.StopCPUProfile()
		if err := f.Commit(); err != nil {
			return exit.With(exit.Trouble, fmt.Errorf("--cpuprofile: %w", err))
		}
		return nil
	}, nil
}
