package main

import (
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

func traceRows() []row {
	return []row{
		{part: "trace", what: "on, each event", goals: []goal{atMost(150, "ns"), allocsAtMost(0)}, who: []contender{
			{name: "sync2", fresh: func() run { return traced(semaphorePairs(1)) }},
		}},
	}
}

// traced is a run of pairs, of which each gives two events to the Recorder of a running trace.
func traced(pairs func(n int)) run {
	rec := trace.NewRecorder(1 << 16)
	return func(n int) (int, time.Duration) {
		if err := trace.Start(rec); err != nil {
			fatal(err)
		}
		defer trace.Stop()
		pairs(1)
		_, d := alone(pairs)(n/2 + 1)
		return 2 * (n/2 + 1), d
	}
}
