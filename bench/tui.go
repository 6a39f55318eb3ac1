package main

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"regexp"
	"strconv"
)

// tuiRows are of benchmarks in package tui: how it draws is nobody else's business.
func tuiRows() []row {
	rows := []row{
		{part: "tui", what: "a frame of 120 × 36, 1,000 goroutines", goals: []goal{atMost(2, "ms")}, who: []contender{
			{name: "turnstile", take: inBenchmark(tuiTest, "BenchmarkFrame", 300, 1e6)},
		}},
		{part: "tui", what: "1/30 s of 10,000 events/s live, with its frame", goals: []goal{atMost(1000.0/30, "ms")}, who: []contender{
			{name: "turnstile", take: inBenchmark(tuiTest, "BenchmarkLive", 300, 1e6)},
		}},
	}
	for i := range rows {
		rows[i].unit, rows[i].counts = "ms", 6
	}
	// Processor time does not tell how busy the machine is otherwise.
	for _, r := range []struct {
		what, unit        string
		benchmark, metric string
		rounds            int
		limit             float64
	}{
		{"1/30 s of 10,000 events/s of 10,000 goroutines, with its frame, processor time", "ms", "BenchmarkLiveMany", "cpu-ms/frame", 150, 1000.0 / 30},
		{"open 1,000,000 events", "s", "BenchmarkOpen", "s/open", 1, 2},
		{"open 1,000,000 events, processor time", "s", "BenchmarkOpen", "cpu-s/open", 1, 2},
		{"1,000,000 events in memory, each", "B", "BenchmarkOpen", "B/event", 1, 300},
		{"seek in 1,000,000 events with its frame, the worst of 50", "ms", "BenchmarkOpen", "ms/seek", 1, 16},
	} {
		rows = append(rows, row{
			part: "tui", what: r.what, unit: r.unit, counts: 3, goals: []goal{atMost(r.limit, r.unit)},
			who: []contender{{name: "turnstile", take: metricOf(tuiTest, r.benchmark, r.metric, r.rounds)}},
		})
	}
	return rows
}

// metricOf takes a sample of what a benchmark of the test program that exe returns reports under the name metric after
// the given number of rounds.
func metricOf(exe func() string, name, metric string, rounds int) func(p int) sample {
	value := regexp.MustCompile(`\s([0-9.]+) ` + metric + `\b`)
	return func(p int) sample {
		cmd := exec.Command(exe(), "-test.run=^$", "-test.bench=^"+name+"$", "-test.benchtime="+strconv.Itoa(rounds)+"x", "-test.cpu="+strconv.Itoa(p)) //nolint:noctx // it is our own program, and has no other end than its own
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		found := value.FindSubmatch(out)
		if err != nil || found == nil {
			fatal(fmt.Errorf("%s: %w\n%s", name, err, out))
		}
		x, err := strconv.ParseFloat(string(found[1]), 64)
		if err != nil {
			fatal(err)
		}
		return sample{Value: x, Bytes: -1}
	}
}

var perOp = regexp.MustCompile(`\s([0-9.]+) ns/op`)

// inBenchmark takes a sample with the given number of rounds of a benchmark of the test program that exe returns. The unit is in
// nanoseconds. A benchmark that finds something wrong fails, and so does this.
func inBenchmark(exe func() string, name string, rounds int, unit float64) func(p int) sample {
	return fastest(exe, name, rounds, 1, unit)
}

// fastest is inBenchmark for the fastest of several times in one process. Of times of a millisecond or so, others who use the
// machine leave some alone.
func fastest(exe func() string, name string, rounds, times int, unit float64) func(p int) sample {
	return func(p int) sample {
		cmd := exec.Command(exe(), "-test.run=^$", "-test.bench=^"+name+"$", "-test.benchtime="+strconv.Itoa(rounds)+"x", "-test.count="+strconv.Itoa(times), "-test.cpu="+strconv.Itoa(p)) //nolint:noctx // it is our own program, and has no other end than its own
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		found := perOp.FindAllSubmatch(out, -1)
		if err != nil || len(found) != times {
			fatal(fmt.Errorf("%s: %w\n%s", name, err, out))
		}
		least := math.Inf(1)
		for _, f := range found {
			ns, err := strconv.ParseFloat(string(f[1]), 64)
			if err != nil {
				fatal(err)
			}
			least = min(least, ns)
		}
		return sample{Value: least / unit, Bytes: -1}
	}
}
