package synctesting

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.uber.org/goleak"

	"github.com/turnstile-go/turnstile/sync2/explore"
)

// An Option configures [Run] and [Examine].
type Option func(*options)

type options struct {
	rounds  int
	timeout time.Duration
	procs   []int
	without [checks]bool
	ignore  []goleak.Option
	explore []explore.Option
	failed  func() bool // reports whether the test has failed; nil if there is no test
}

const (
	defaultRounds  = 40
	shortRounds    = 8
	defaultTimeout = 10 * time.Second
)

// Rounds sets the number of unobserved runs and of traced runs. The default is 40 of each, and 8 with go test -short.
// Rounds panics if n is less than 1.
func Rounds(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("synctesting: Rounds: %d; must be 1 or more", n))
	}
	return func(o *options) { o.rounds = n }
}

// Timeout sets the maximum duration of one run. The default is 10 s. When it expires, the context of the run ends; if
// the program still does not return, it is abandoned. Timeout panics if d is zero or negative.
func Timeout(d time.Duration) Option {
	if d <= 0 {
		panic(fmt.Sprintf("synctesting: Timeout: %v; must be more than 0", d))
	}
	return func(o *options) { o.timeout = d }
}

// Processors sets the values of GOMAXPROCS with which the program runs, in turn. The default is 1, 2, 3 and 4.
// Processors panics if n is empty or contains a number less than 1.
func Processors(n ...int) Option {
	if len(n) == 0 || slices.Min(n) < 1 {
		panic(fmt.Sprintf("synctesting: Processors: %v; there must be one or more, each 1 or more", n))
	}
	return func(o *options) { o.procs = slices.Clone(n) }
}

// Without excludes checks.
func Without(checks ...Check) Option {
	return func(o *options) {
		for _, c := range checks {
			o.without[c] = true
		}
	}
}

// IgnoreGoroutines makes Leaks ignore goroutines that have one of the given functions on their stack, such as
// "net/http.(*persistConn).readLoop". Goroutines that existed before the program started are always ignored.
func IgnoreGoroutines(functions ...string) Option {
	return func(o *options) {
		for _, f := range functions {
			o.ignore = append(o.ignore, goleak.IgnoreAnyFunction(f))
		}
	}
}

// Explore passes options to package explore, such as strategies and a budget.
func Explore(opts ...explore.Option) Option {
	return func(o *options) { o.explore = append(o.explore, opts...) }
}

func newOptions(opts []Option, short bool) *options {
	o := &options{rounds: defaultRounds, timeout: defaultTimeout, procs: []int{1, 2, 3, 4}}
	if short {
		o.rounds = shortRounds
	}
	for _, opt := range opts {
		opt(o)
	}
	return o
}

func (o *options) has(c Check) bool { return !o.without[c] }

// String describes what was done, without the schedules.
func (o *options) String() string {
	var parts []string
	if o.has(Runs) || o.has(Leaks) {
		by := "without the race detector"
		if detecting {
			by = "under the race detector"
		}
		runs := "1 run"
		if o.rounds != 1 {
			runs = fmt.Sprintf("%d runs", o.rounds)
		}
		parts = append(parts, runs+" "+by)
	}
	if o.has(Locks) || o.has(Traces) {
		parts = append(parts, fmt.Sprintf("%d traced", o.rounds))
	}
	if len(parts) == 0 {
		return "no runs"
	}
	return strings.Join(parts, ", ")
}
