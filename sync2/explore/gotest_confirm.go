//go:build turnstile_goroot

package explore

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/internal/anytest"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
)

// confirmFor returns the time limit of a fresh process.
func (g *goTest) confirmFor() time.Duration { return max(time.Minute, 8*g.took).Round(time.Second) }

// confirm returns the failure want of the schedule of a with all details, as a fresh process finds it; nil if none does.
func (g *goTest) confirm(a *attempt, want *engine.Fault) *found {
	for n := a.tries(); n > 0; n-- {
		if !g.follows(a) {
			same := func(got *engine.Fault) bool { return sameFault(got) == sameFault(want) }
			if got := g.again(a, same); got == nil || !same(got) {
				return nil
			}
		}
		token := g.newToken(a).String()
		if c := g.inFresh(token, Kind(want.Kind), want.PlaceList()); c != nil {
			return confirmed(Kind(want.Kind), c, token)
		}
	}
	return nil
}

// confirmed returns a failure that a fresh process has reported.
func confirmed(k Kind, c *anytest.Failure, token string) *found {
	f := &Failure{Kind: k, Message: c.Message, Token: token}
	if d := c.Detail; d != nil {
		f.Task, f.Blocked, f.Cycle, f.Stack, f.Deviations, f.before = d.Task, d.Blocked, d.Cycle, d.Stack, d.Deviations, d.Before
		for _, s := range d.Steps {
			f.Steps = append(f.Steps, Step(s))
		}
	}
	return &found{failure: f, places: c.Places, confirmed: true}
}

// inFresh returns the failure of the given kind at the given places that a fresh process finds in the schedule of a
// token, nil if it does not.
func (g *goTest) inFresh(token string, k Kind, places []string) *anytest.Failure {
	r := g.inFreshProcess(token, k.String()+" "+strings.Join(places, " "))
	if r == nil {
		return nil
	}
	for i := range r.Failures {
		if f := &r.Failures[i]; f.Kind == k.String() && slices.Equal(f.Places, places) {
			return f
		}
	}
	return nil
}

// confirmFirst lets a fresh process repeat its first run, the only one that can determine the positions.
func (g *goTest) confirmFirst(f *engine.Fault, a *attempt) {
	t := g.newToken(a)
	t.Steps, t.Hash, t.Samples = 0, 0, nil
	token := t.String()
	r := g.inFreshProcess(token, "")
	if r == nil || len(r.Failures) == 0 || r.Failures[0].Kind != Kind(f.Kind).String() {
		g.unconfirmed(f)
		return
	}
	fd := confirmed(Kind(f.Kind), &r.Failures[0], token)
	fd.note = "it fails this way only in the first run of a process"
	g.add(fd)
}

// inFreshProcess returns the report on the schedule of a token in a fresh process, nil if there is none. expect is the
// expected failure, as returned by sameFault, if known.
func (g *goTest) inFreshProcess(token, expect string) *anytest.Report {
	path, err := os.Executable()
	if err != nil {
		return nil
	}
	file, err := os.CreateTemp("", "turnstile-*.json")
	if err != nil {
		return nil
	}
	_ = file.Close()
	defer os.Remove(file.Name())
	ctx, cancel := context.WithTimeout(context.Background(), g.confirmFor())
	defer cancel()
	cfg := *g.b.cfg
	cfg.Expect, cfg.Long = expect, g.slow && g.steps == 0
	cfg.Replay, cfg.Confirm, cfg.Report, cfg.Progress, cfg.Verbose, cfg.Record = token, true, file.Name(), false, false, ""
	cmd := exec.CommandContext(ctx, path, g.testArgs()...)
	cmd.Dir = workingDir
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(s string) bool {
		return strings.HasPrefix(s, anytest.Variable+"=") || strings.HasPrefix(s, ReplayVariable+"=") || strings.HasPrefix(s, "GORACE=")
	}), anytest.Variable+"="+cfg.String(), "GORACE="+raceOptions(os.Getenv("GORACE"), file.Name()))
	defer removeRaceLogs(file.Name())
	_ = cmd.Run() // it fails, since the test does
	text, err := os.ReadFile(file.Name())
	if err != nil {
		return nil
	}
	var last *anytest.Report
	for line := range bytes.Lines(text) {
		r := new(anytest.Report)
		if json.Unmarshal(line, r) == nil && r.Test == g.t.Name() {
			last = r
		}
	}
	return last
}

// testArgs returns the arguments of a process that runs only this test.
func (g *goTest) testArgs() []string {
	args := []string{"-test.run=^" + regexp.QuoteMeta(g.t.Name()) + "$", "-test.timeout=" + g.confirmFor().String(), "-test.paniconexit0"}
	for _, name := range []string{"short", "parallel", "cpu", "fullpath"} {
		if f := flag.Lookup("test." + name); f != nil && f.Value.String() != f.DefValue {
			args = append(args, "-test."+name+"="+f.Value.String())
		}
	}
	for i := 1; i < len(os.Args); i++ {
		if a := os.Args[i]; !strings.HasPrefix(strings.TrimPrefix(a, "-"), "-test.") && !strings.HasPrefix(a, "-test.") {
			return append(args, os.Args[i:]...)
		}
	}
	return args
}
