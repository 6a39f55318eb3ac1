package main

import (
	"fmt"
	"runtime"
	"time"
)

func scaleRows() []row {
	var rows []row
	for _, w := range waitings()[:3] {
		few := inJob("sync2, 10000", scaleJob(w.name, 10_000))
		few.max = 1.5
		rows = append(rows, row{
			part: "scale", what: "release until the last is awake, " + w.name, procs: []int{2}, counts: 3,
			who: []contender{
				inJob("sync2, 1000000", scaleJob(w.name, 1_000_000)), few, inJob("sync2, 100000", scaleJob(w.name, 100_000)),
			},
		})
	}
	return rows
}

func scaleJob(name string, n int) string { return fmt.Sprintf("scale/%s/%d", name, n) }

// scaleOf returns the time for each of n goroutines from the release of all until the last is awake, and what each
// took of memory with all that it needs.
func scaleOf(w waiting, n int) sample {
	var total time.Duration
	rounds := max(1, 300_000/n)
	base := inUse()
	var most float64
	for range rounds {
		wait, release := w.fresh(n)
		total += wakeAll(n, wait, func() {
			most = max(most, inUse()-base)
			release()
		})
	}
	return sample{Value: float64(total.Nanoseconds()) / float64(n*rounds), Bytes: most / float64(n)}
}

// jobs returns all that is done in processes of their own.
func jobs() map[string]job {
	all := map[string]job{"explorer/pooled": func() sample {
		m := meter{c: contender{fresh: func() run { return pooledRuns }}, p: runtime.GOMAXPROCS(0), slice: 200 * time.Millisecond}
		return m.take()
	}}
	for _, w := range waitings() {
		for _, n := range []int{10_000, 100_000, 1_000_000} {
			all[memoryJob(w.name, n)] = func() sample { return memoryOf(w, n) }
			all[scaleJob(w.name, n)] = func() sample { return scaleOf(w, n) }
		}
	}
	for name, fresh := range alones() {
		all[aloneJob(name, 100_000)] = func() sample { return memoryAlone(fresh(), 100_000) }
	}
	return all
}
