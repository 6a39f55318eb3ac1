package conform

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/internal/anytest"
)

// natural are the packages of programs that are to pass also where nobody explores them.
var natural = []string{"language", "process", "quiet", "twice"}

// TestAsGoDoes runs the programs under the Go of the machine and, without an explorer, under the private one.
func TestAsGoDoes(t *testing.T) {
	for _, pkg := range natural {
		for _, b := range []builder{{}, {private: true}} {
			t.Run(fmt.Sprintf("%s/private=%t", pkg, b.private), func(t *testing.T) {
				r := run(t, b.build(t, pkg), nil, nil, "-test.count=20")
				if r.err != nil {
					t.Errorf("%v\n%s", r.err, tail(r.output))
				}
				r.checkAllowed(t)
			})
		}
	}
}

// checkAllowed fails the test if a program came to something else than what is allowed.
func (r *result) checkAllowed(t *testing.T) {
	t.Helper()
	for test, seen := range r.outcomes {
		if seen[-1] > 0 {
			t.Errorf("%s came to what is not allowed %d times", test, seen[-1])
		}
	}
}

// checkAll fails the test if a program whose every order was run did not come to all that is allowed.
func (r *result) checkAll(t *testing.T) {
	t.Helper()
	for i := range r.reports {
		p := &r.reports[i]
		if p.Verdict != anytest.Exhausted || slices.Contains(p.Notes, "timers fire only when nothing else can happen") {
			continue
		}
		if seen, n := r.outcomes[p.Test], r.allowed[p.Test]; len(seen) < n {
			t.Errorf("%s is said to be exhausted by %d orders, and came to %d outcomes of %d: %v", p.Test, p.Orders, len(seen), n, seen)
		}
	}
}

// log prints what came of each test.
func (r *result) log(t *testing.T) {
	t.Helper()
	for i := range r.reports {
		p := &r.reports[i]
		t.Logf("%-9s %7d %6v %s %s %v %v", p.Verdict, p.Orders, p.Elapsed.Round(time.Millisecond), p.Test, p.Reason, p.Caveats, p.Notes)
		for _, f := range p.Failures {
			t.Logf("    %s at %v: %s (order %d, confirmed %t) %s", f.Kind, f.Places, f.Message, f.Order, f.Confirmed, f.Token)
		}
	}
}

// checkQuiet fails the test if something is reported of a program, or a program is not there.
func (r *result) checkQuiet(t *testing.T, refused ...string) {
	t.Helper()
	if r.err != nil {
		t.Errorf("%v\n%s", r.err, tail(r.output))
	}
	if len(r.reports) == 0 {
		t.Error("no reports")
	}
	for i := range r.reports {
		p := &r.reports[i]
		for _, f := range p.Failures {
			t.Errorf("%s: %s at %v: %s\n%s", p.Test, f.Kind, f.Places, f.Message, f.Token)
		}
		if p.Verdict == anytest.Exhausted && slices.Contains(endless, p.Test) {
			t.Errorf("%s is said to be exhausted", p.Test)
		}
		if p.Verdict == anytest.Refused && !slices.Contains(refused, p.Test) {
			t.Errorf("%s is refused: %s", p.Test, p.Reason)
		}
	}
}

// notYet are programs of which the explorer tells what is not so; each is a fault that is known.
var notYet = []string{
	"TestTimerChannelLooksUnbuffered", // len of a timer's channel may be 1
	"TestOutsideSignal",               // a signal that the test sends to its own process may come too late
	"TestDaemonServes",                // goroutines that an init has started are not there when packages are not initialized again
	"TestVariablesAreFresh",           // variables are not put back to what init made of them where a flag cannot be defined again
	"TestVariablesLockedAtTheEnd",     // likewise
}

// endless are programs that have more orders than can be run.
var endless = []string{"TestSpinsUntilTimer", "TestSpinsOnClockAndLock", "TestCleanupOfLongRuns", "TestPingPong"}

// refusedYet are programs that are not explored, and say so.
var refusedYet = []string{
	"TestBubbleSleep", "TestBubbleEpoch", "TestBubbleWait", "TestBubbleTwoGoroutines", "TestBubbleTimers", "TestBubbleContext",
	"TestBubbleAfterFunc", "TestBubbleTwice", "TestBubbleSelect",
}

// TestExplored runs the programs in many orders: they come to all that is allowed and to nothing else.
func TestExplored(t *testing.T) {
	for _, pkg := range natural {
		t.Run(pkg, func(t *testing.T) {
			r := run(t, builder{private: true}.build(t, pkg), &anytest.Config{Runs: 2000, Time: 2 * time.Second, Anytime: "off"}, nil, "-test.skip=^("+strings.Join(notYet, "|")+")$")
			r.log(t)
			r.checkAllowed(t)
			r.checkAll(t)
			r.checkQuiet(t, refusedYet...)
		})
	}
}

// TestLongOrder explores a test whose single order takes longer than there is time.
func TestLongOrder(t *testing.T) {
	bin := builder{private: true}.build(t, "long")
	start := time.Now()
	r := run(t, bin, &anytest.Config{Time: time.Second}, nil, "-test.run=^TestLong$")
	if took := time.Since(start); took > time.Minute {
		t.Errorf("it takes %v", took)
	}
	r.log(t)
	if len(r.reports) != 1 || r.reports[0].Verdict != anytest.Refused {
		t.Fatalf("the reports are %+v\n%s", r.reports, tail(r.output))
	}
}

// TestFirstCollection explores a test in which the first collection of garbage begins, here or there.
func TestFirstCollection(t *testing.T) {
	bin := builder{private: true}.build(t, "long")
	for _, gogc := range []string{"150", "200", "300", "800"} {
		r := run(t, bin, &anytest.Config{Runs: 2}, []string{"GOGC=" + gogc}, "-test.run=^TestPingPong$")
		r.log(t)
		r.checkQuiet(t)
	}
}
