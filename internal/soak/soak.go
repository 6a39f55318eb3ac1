// Package soak lets a test repeat one thing for a long time, and fails the test if memory grows or throughput falls
// in the meantime.
package soak

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var length = flag.Duration("soak", 0, "duration of each soak test of this package; 0: they are skipped")

const (
	samples = 60 // their number

	// Limits of the last third, compared with the middle one.
	mostMemory   = 1.10
	leastPace    = 0.80
	spareMemory  = 4 << 20 // more bytes, where there are few
	spareRunning = 4       // more goroutines
)

// A sample is an observation at one moment.
type sample struct {
	done    int64 // since the preceding sample
	live    int64 // bytes in the heap that are in use, and those of stacks
	running int64 // goroutines
}

// Run calls work, which goes on until ctx ends and calls done with the number of things it has done, and fails t unless memory,
// goroutines and throughput in the last third of the time are like those in the middle third. The first third is for one-time
// costs. Run skips t unless the flag -soak sets a duration. An error of work fails t.
func Run(t *testing.T, unit string, work func(ctx context.Context, done func(n int)) error) {
	t.Helper()
	if *length <= 0 {
		t.Skip("needs a time, such as -soak=10m")
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var count atomic.Int64
	var err error
	var wg sync.WaitGroup
	wg.Go(func() {
		err = work(ctx, func(n int) { count.Add(int64(n)) })
		stop()
	})
	got := observe(ctx, &count)
	stop()
	wg.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if len(got) < samples {
		t.Fatalf("the work ended after %d of %d samples", len(got), samples)
	}
	middle, last := median(got[samples/3:2*samples/3]), median(got[2*samples/3:])
	var most sample
	for _, s := range got[samples/3:] {
		most.live, most.running = max(most.live, s.live), max(most.running, s.running)
	}
	each := (*length / samples).Seconds()
	t.Logf("%v of %s: %.0f a second in the middle, %.0f at the end; %.1f MiB, %.1f MiB, %.1f MiB at most; %d goroutines, %d", *length, unit,
		float64(middle.done)/each, float64(last.done)/each, mib(middle.live), mib(last.live), mib(most.live), middle.running, last.running)
	for _, fault := range faults(middle, last) {
		t.Error(fault)
	}
}

// observe takes samples until there are enough or ctx ends.
func observe(ctx context.Context, count *atomic.Int64) []sample {
	var got []sample
	var before int64
	tick := time.NewTicker(*length / samples)
	defer tick.Stop()
	for len(got) < samples {
		select {
		case <-ctx.Done():
			return got
		case <-tick.C:
		}
		now := count.Load()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		got = append(got, sample{now - before, int64(m.HeapAlloc + m.StackInuse), int64(runtime.NumGoroutine())})
		before = now
	}
	return got
}

// median returns the median of each part of ss.
func median(ss []sample) sample {
	of := func(part func(s sample) int64) int64 {
		all := make([]int64, len(ss))
		for i, s := range ss {
			all[i] = part(s)
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	return sample{
		of(func(s sample) int64 { return s.done }), of(func(s sample) int64 { return s.live }), of(func(s sample) int64 { return s.running }),
	}
}

// faults describes what is not flat.
func faults(middle, last sample) (all []string) {
	if float64(last.live) > float64(middle.live)*mostMemory+spareMemory {
		all = append(all, fmt.Sprintf("memory grows: from %.1f MiB to %.1f MiB", mib(middle.live), mib(last.live)))
	}
	if float64(last.running) > float64(middle.running)*mostMemory+spareRunning {
		all = append(all, fmt.Sprintf("goroutines become more: %d, and %d later", middle.running, last.running))
	}
	if float64(last.done) < float64(middle.done)*leastPace || last.done == 0 {
		all = append(all, fmt.Sprintf("it becomes slower: %d in a part of the time, and %d later", middle.done, last.done))
	}
	return all
}

func mib(n int64) float64 { return float64(n) / (1 << 20) }
