package conform

import (
	"flag"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/internal/anytest"
)

var stress = flag.Duration("stress", 0, "duration of TestStress; 0: it is skipped")

// stressed are the packages of programs that TestStress runs, and whether they must pass.
var stressed = []struct {
	pkg   string
	right bool
}{{"language", true}, {"quiet", true}, {"twice", true}, {"process", true}, {"buggy", false}, {"dead", false}, {"long", false}}

// stresses are environments in which the runtime looks for bugs of its own, or runs into them soon.
var stresses = [][]string{
	{"GOGC=1", "GODEBUG=gccheckmark=1"},
	{"GOGC=1", "GODEBUG=clobberfree=1"},
	{"GOGC=1", "GODEBUG=gcstoptheworld=1"},
	{"GOGC=1", "GODEBUG=gcstoptheworld=2,clobberfree=1"},
	{"GOGC=1", "GODEBUG=gcshrinkstackoff=0,efence=0,invalidptr=1", "GOMAXPROCS=4"},
	{"GOGC=5", "GODEBUG=asyncpreemptoff=1", "GOMAXPROCS=1"},
}

// crash matches what the runtime prints before it ends a broken process.
var crash = regexp.MustCompile(`(?m)^(fatal error: .*|unexpected fault address .*|SIG[A-Z]+: .*|runtime: .*|\[signal .*)$`)

// TestStress runs the programs under many schedules and constant garbage collection, with and without the race detector.
// Whatever the outcomes, nothing breaks.
func TestStress(t *testing.T) {
	if *stress == 0 {
		t.Skip("it runs only with -stress, which sets its duration")
	}
	end := time.Now().Add(*stress)
	runs, schedules := 0, 0
	for i := 0; time.Now().Before(end); i++ {
		for k, s := range stressed {
			if time.Now().After(end) {
				break
			}
			env := stresses[(i/2+k)%len(stresses)] // each round sees all of them
			seed := rand.Uint64N(1 << 32)          // different each time
			c := &anytest.Config{Runs: 300, Time: time.Second, Seed: seed + 1, Strategy: []string{"", "random", "pct"}[i%3]}
			if s.right {
				c.Anytime = "off" // otherwise they have outcomes that no fast run has
			}
			bin := builder{private: true, race: i%2 == 1}.build(t, s.pkg)
			r := run(t, bin, c, env, "-test.skip=^("+strings.Join(notYet, "|")+")$")
			runs++
			t.Logf("%s with %s, race detector %v: %d tests", s.pkg, strings.Join(env, " "), i%2 == 1, len(r.reports))
			for j := range r.reports {
				schedules += r.reports[j].Schedules
			}
			if m := crash.FindString(r.output); m != "" || len(r.reports) == 0 {
				t.Errorf("%s with %v: %s (%v)\n%s", s.pkg, env, m, r.err, around(r.output, m))
				continue
			}
			if s.right {
				r.checkAllowed(t)
			}
		}
	}
	t.Logf("%d processes, %d schedules in %v", runs, schedules, *stress)
}

// around returns the text after m, with a little of what precedes it.
func around(text, m string) string {
	i := max(strings.Index(text, m)-500, 0)
	return text[i:min(i+6000, len(text))]
}
