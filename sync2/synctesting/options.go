package synctesting

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.uber.org/goleak"

	"github.com/turnstile-go/turnstile/sync2/explore"
)

// An Option says how a program is examined.
type Option func(*options)

type options struct {
	rounds  int
	timeout time.Duration
	procs   []int
	without [checks]bool
	ignore  []goleak.Option
	explore []explore.Option
	failed  func() bool // the test has been failed; nil: there is no test
}

const (
	defaultRounds  = 40
	shortRounds    = 8
	defaultTimeout = 10 * time.Second
)

// Rounds changes how often the program runs freely, and how often it runs traced: 40 times each by default, and 8 with
// go test -short. It panics if n is less than 1.
func Rounds(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("synctesting: Rounds: %d; it must be 1 or more", n))
	}
	return func(o *options) { o.rounds = n }
}

// Timeout changes how long one run may take, 10 s by default. Then its context ends, and if the program does not return
// after that, it is left where it is. It panics if d is zero or less.
func Timeout(d time.Duration) Option {
	if d <= 0 {
		panic(fmt.Sprintf("synctesting: Timeout: %v; it must be more than 0", d))
	}
	return func(o *options) { o.timeout = d }
}

// Processors changes on how many processors, GOMAXPROCS, the program runs: in turn on those given. The default is 1, 2, 3
// and 4. It panics if there are none, or a number is less than 1.
func Processors(n ...int) Option {
	if len(n) == 0 || slices.Min(n) < 1 {
		panic(fmt.Sprintf("synctesting: Processors: %v; there must be one or more, each 1 or more", n))
	}
	return func(o *options) { o.procs = slices.Clone(n) }
}

// Without leaves checks out.
func Without(checks ...Check) Option {
	return func(o *options) {
		for _, c := range checks {
			o.without[c] = true
		}
	}
}

// IgnoreGoroutines lets the program leave goroutines that have one of the given functions on their stack, such as
// "net/http.(*persistConn).readLoop". Those that were there before it began are always ignored.
func IgnoreGoroutines(functions ...string) Option {
	return func(o *options) {
		for _, f := range functions {
			o.ignore = append(o.ignore, goleak.IgnoreAnyFunction(f))
		}
	}
}

// Explore passes options on to package explore, such as its strategies and budget.
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

// String says what was done, without the orders.
func (o *options) String() string {
	var parts []string
	if o.has(Runs) || o.has(Leaks) {
		by := "without the race detector"
		if detecting {
			by = "under the race detector"
		}
		parts = append(parts, fmt.Sprintf("%d runs %s", o.rounds, by))
	}
	if o.has(Locks) || o.has(Traces) {
		parts = append(parts, fmt.Sprintf("%d traced", o.rounds))
	}
	if len(parts) == 0 {
		return "no runs"
	}
	return strings.Join(parts, ", ")
}
