//go:build turnstile_goroot

package explore

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/internal/anytest"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/pkgvars"
)

// measures reports whether f, in the last run, is a check that failed after the program asked the runtime for
// measurements, such as the memory allocated; testing.AllocsPerRun and testing.Benchmark do that too. The explorer's
// own work is part of the answer.
func (g *goTest) measures(f *engine.Fault) bool {
	return f.Kind == engine.FaultCheckFailed && g.failed.run == g.ex.x.Runs && g.failed.measured && g.measured.n > 0
}

// measurement names the function with which, and the position where, the program asked the runtime for measurements
// in the last run.
func (g *goTest) measurement() string {
	pcs := g.measured.pcs[:g.measured.n]
	name := ""
	for frames := runtime.CallersFrames(pcs); ; {
		f, more := frames.Next()
		if pkg := pkgvars.PackageOf(f.Function); pkg != "runtime" && pkg != "runtime/metrics" && pkg != "testing" || !more {
			break
		}
		name = f.Function // the outermost of them
	}
	if strings.HasPrefix(name, "testing.(*B)") {
		name = "testing.Benchmark"
	}
	if at := g.ex.x.Site(pcs); at != "" {
		name += " at " + at
	}
	return name
}

// uncontrolled refuses the test for the given reason, and reports its result in a process without the explorer
// instead.
func (g *goTest) uncontrolled(r *anytest.Report, reason string) {
	r.Verdict, r.Reason = anytest.Refused, reason
	g.runPlainly()
}

// runPlainly runs only this test, without the explorer, reports the result, and returns whether it passed.
func (g *goTest) runPlainly() bool {
	cmd, cancel, err := g.plainly(g.confirmFor())
	defer cancel()
	if err != nil {
		return false
	}
	g.plain = true
	out, err := cmd.CombinedOutput()
	if err != nil {
		fmt.Fprintf(g.t.Output(), "explore: it also fails without the explorer:\n%s", out)
		g.t.Fail()
		return false
	}
	testing.TurnstileForgive(g.t)
	return true
}

// plainly returns the command that runs only this test, without the explorer, within limit.
func (g *goTest) plainly(limit time.Duration) (*exec.Cmd, context.CancelFunc, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	path, err := os.Executable()
	if err != nil {
		return nil, cancel, err // the error is not reported
	}
	cmd := exec.CommandContext(ctx, path, g.testArgs()...)
	cmd.Dir = workingDir
	return cmd, cancel, nil
}

// endsPlainly reports whether the test ends, passed or failed, without the explorer within limit, or within four
// times that if its process gets less than half of the CPU time.
func (g *goTest) endsPlainly(limit time.Duration) bool {
	for _, long := range []time.Duration{limit, 4 * limit} { // the machine may be busy
		cmd, cancel, err := g.plainly(long)
		if err != nil {
			cancel()
			return false
		}
		err = cmd.Run()
		cancel()
		s := cmd.ProcessState
		switch {
		case err == nil || s != nil && s.Exited():
			return true
		case s == nil || 2*(s.UserTime()+s.SystemTime()) >= limit:
			return false
		}
	}
	return false
}
