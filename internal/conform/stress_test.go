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

var stress = flag.Duration("stress", 0, "how long TestStress goes on; 0: it is skipped")

// stressed are the packages of programs that TestStress runs, and whether all is well with them.
var stressed = []struct {
	pkg   string
	right bool
}{{"language", true}, {"quiet", true}, {"twice", true}, {"process", true}, {"buggy", false}, {"dead", false}, {"long", false}}

// stresses are environments in which the runtime looks for faults of its own, or meets them soon.
var stresses = [][]string{
	{"GOGC=1", "GODEBUG=gccheckmark=1"},
	{"GOGC=1", "GODEBUG=clobberfree=1"},
	{"GOGC=1", "GODEBUG=gcstoptheworld=1"},
	{"GOGC=1", "GODEBUG=gcstoptheworld=2,clobberfree=1"},
	{"GOGC=1", "GODEBUG=gcshrinkstackoff=0,efence=0,invalidptr=1", "GOMAXPROCS=4"},
	{"GOGC=5", "GODEBUG=asyncpreemptoff=1", "GOMAXPROCS=1"},
}

// crash is what the runtime says before it ends a process in which something is broken.
var crash = regexp.MustCompile(`(?m)^(fatal error: .*|unexpected fault address .*|SIG[A-Z]+: .*|runtime: .*|\[signal .*)$`)

// TestStress runs the programs in many orders while garbage is collected all the time, with and without the race detector.
// Whatever the orders come to, nothing breaks.
func TestStress(t *testing.T) {
	if *stress == 0 {
		t.Skip("it goes on for as long as -stress says")
	}
	end := time.Now().Add(*stress)
	runs, orders := 0, 0
	for i := 0; time.Now().Before(end); i++ {
		env := stresses[i/2%len(stresses)]
		for _, s := range stressed {
			if time.Now().After(end) {
				break
			}
			seed := rand.Uint64N(1 << 32) // another each time
			c := &anytest.Config{Runs: 300, Time: time.Second, Seed: seed + 1, Strategy: []string{"", "random", "pct"}[i%3]}
			if s.right {
				c.Anytime = "off" // or else they come to what no run comes to that is fast enough
			}
			bin := builder{private: true, race: i%2 == 1}.build(t, s.pkg)
			r := run(t, bin, c, env, "-test.skip=^("+strings.Join(notYet, "|")+")$")
			runs++
			for j := range r.reports {
				orders += r.reports[j].Orders
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
	t.Logf("%d processes, %d orders in %v", runs, orders, *stress)
}

// around returns what follows on m in text, and a little of what comes before it.
func around(text, m string) string {
	i := max(strings.Index(text, m)-500, 0)
	return text[i:min(i+6000, len(text))]
}
