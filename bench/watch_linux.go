package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"

	"github.com/turnstile-go/turnstile/internal/goroot"
	"github.com/turnstile-go/turnstile/internal/tell"
)

// watchRows are of programs that "turnstile watch" has built, while they are watched.
func watchRows() []row {
	var rows []row
	for _, b := range []struct {
		name   string
		rounds int
		max    float64 // 0: no target
	}{
		{"Channel", 2000, 3}, {"Buffered", 4000, 3}, {"Select", 2000, 3}, {"Mutex", 4000, 0}, {"RWMutex", 4000, 0}, {"Go", 2000, 0},
	} {
		r := row{part: "watch", what: "std that tells, and is watched, " + b.name, procs: []int{1, 2}, who: []contender{
			{name: "watched", take: told("Benchmark"+b.name, b.rounds)},
			{name: "std", max: b.max, take: fastest(std, "Benchmark"+b.name, b.rounds, 8, 1)},
		}}
		rows = append(rows, r)
	}
	return rows
}

// tellingStd is std with the GOROOT of programs that tell.
var tellingStd = sync.OnceValue(func() string {
	cache, err := os.UserCacheDir()
	if err != nil {
		fatal(err)
	}
	r, err := goroot.MakeTelling(context.Background(), runtime.GOROOT(), filepath.Join(cache, "turnstile", "goroot")) //nolint:staticcheck // it is the go command's that built this
	if err != nil {
		fatal(err)
	}
	own, had := os.LookupEnv("GOROOT")
	_ = os.Setenv("GOROOT", r.Dir)
	defer func() {
		if _ = os.Unsetenv("GOROOT"); had {
			_ = os.Setenv("GOROOT", own)
		}
	}()
	return build("tellingstd", ".", "test", "-c", "./testdata/std")
})

// told is of the fastest of several times while the program is watched. That nothing is lost is part of it: to lose an event takes
// less time than to write it.
func told(name string, rounds int) func(p int) sample {
	return func(p int) sample {
		_ = std() // makes the directory
		exe := tellingStd()
		d, err := tell.New()
		if err != nil {
			fatal(err)
		}
		defer d.Close()
		done := make(chan int)
		go func() {
			s, err := d.Next(context.Background())
			if err != nil {
				fatal(err)
			}
			n := 0
			for ev, err := range s.All() {
				if err != nil {
					fatal(err)
				}
				n++
				if ev.Kind.String() == "dropped" {
					fatal(fmt.Errorf("%s: %d events were lost after %d", name, ev.N, n))
				}
			}
			done <- n
		}()
		const times = 8
		cmd := exec.Command(exe, "-test.run=^$", "-test.bench=^"+name+"$", "-test.benchtime="+strconv.Itoa(rounds)+"x", "-test.count="+strconv.Itoa(times), "-test.cpu="+strconv.Itoa(p)) //nolint:noctx // it is our own program, and has no other end than its own
		cmd.Env = append(os.Environ(), tell.Variable+"="+d.Path())
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		found := perOp.FindAllSubmatch(out, -1)
		if err != nil || len(found) != times {
			fatal(fmt.Errorf("%s: %w\n%s", name, err, out))
		}
		if n := <-done; n < times*rounds {
			fatal(fmt.Errorf("%s: %d events", name, n))
		}
		least := math.Inf(1)
		for _, f := range found {
			ns, err := strconv.ParseFloat(string(f[1]), 64)
			if err != nil {
				fatal(err)
			}
			least = min(least, ns)
		}
		return sample{Value: least, Bytes: -1}
	}
}
