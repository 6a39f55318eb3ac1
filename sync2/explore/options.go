package explore

import (
	"context"
	"fmt"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
)

// An Option says how a program is explored. Strategies are tried in the order in which they are given; without any,
// a fifth of the budget goes to random orders, a tenth each to PCT with depths 2 and 3, and the rest to DPOR, which may
// come to an end.
type Option func(*options)

type options struct {
	stages   []stage
	runs     int // in all
	maxSteps int
	seed     uint64
	anytime  bool
	bound    int
	token    string
	replays  bool            // the token
	replayed *search.Token   // the same, once it was read
	until    <-chan struct{} // nil: nothing stops it
	progress func(Progress)
	failed   func() bool // the test has been failed; nil: there is no test
	limited  bool        // by Runs
	usual    bool        // the user has chosen neither strategies nor how many runs there are
}

// A stage is a strategy and how many runs it may have.
type stage struct {
	name string
	make func(*options) search.Strategy
	runs int // less than 0: what the budget allows
}

const (
	defaultRuns  = 10_000
	shortRuns    = 2_000
	defaultSteps = 10_000
	mostSteps    = 1 << 30
)

// atLeast panics if n, which was given to an option, is less than least.
func atLeast(least int, option string, n int) {
	if n < least {
		panic(fmt.Sprintf("explore: %s(%d): it must be %d or more", option, n, least))
	}
}

// Random tries n orders in which every choice is made at random. Explore panics if n is negative.
func Random(n int) Option {
	return func(o *options) {
		atLeast(0, "Random", n)
		o.stages = append(o.stages, stage{"random", func(o *options) search.Strategy { return search.NewRandom(o.seed) }, n})
	}
}

// PCT tries n orders by probabilistic concurrency testing: it finds a bug that needs that number of orderings, its depth, with
// a probability that has a lower bound. It panics if depth is less than 1; Explore panics if n is negative.
func PCT(depth, n int) Option {
	if depth < 1 {
		panic(fmt.Sprintf("explore: PCT: a depth of %d; it must be 1 or more", depth))
	}
	return func(o *options) {
		atLeast(0, "PCT", n)
		name := fmt.Sprintf("PCT %d", depth)
		o.stages = append(o.stages, stage{name, func(o *options) search.Strategy {
			return search.NewPCT(o.seed, depth)
		}, n})
	}
}

// DFS tries all orders, one after the other, within the bounds of [Preemptions] and [Runs].
func DFS() Option {
	return func(o *options) {
		o.stages = append(o.stages, stage{"DFS", func(o *options) search.Strategy { return search.NewTree(o.bound, false, false) }, -1})
	}
}

// DPOR tries one order of all those that differ only in the order of operations that have nothing to do with each
// other: dynamic partial-order reduction with sleep sets. When it comes to an end it has seen all there is to be seen.
// Where that is not near, it looks first at orders with one, two and three preemptions, see [Preemptions], and at some
// that are near to one chosen at random: shares of the budget, so that how many orders it tries until it has seen everything
// depends on the budget of [Runs], and how many traces it counts does not.
func DPOR() Option {
	return func(o *options) {
		o.stages = append(o.stages, stage{"DPOR", func(o *options) search.Strategy { return search.NewDPOR(o.runs, o.seed) }, -1})
	}
}

// Preemptions makes [DFS] try only orders in which a task that could go on is put aside at most n times. Most bugs need
// no more than two. Where no strategy is given, it asks for DFS alone. Explore panics if n is negative.
func Preemptions(n int) Option {
	return func(o *options) {
		atLeast(0, "Preemptions", n)
		o.bound = n
	}
}

// Replay runs the program once, in the order that the token of an earlier failure tells. If the token cannot be read or is
// of another program, the exploration fails with a [BadToken].
func Replay(token string) Option {
	return func(o *options) { o.token, o.replays = token, true }
}

// Steps changes how many operations a run may have, 10,000 by default. A run that is longer is a livelock if every
// task got its turn, and is given up if not. Explore panics if n is less than 1. A run never has more than 2^30 operations.
func Steps(n int) Option {
	return func(o *options) {
		atLeast(1, "Steps", n)
		o.maxSteps = min(n, mostSteps)
	}
}

// Runs changes how many runs there are at most, 10,000 by default and 2,000 with go test -short; a twentieth of that if the
// program uses other processes and no strategy was chosen. Explore panics if n is negative.
func Runs(n int) Option {
	return func(o *options) {
		atLeast(0, "Runs", n)
		o.runs, o.limited = n, true
	}
}

// Seed changes what [Random] and [PCT] try. The default is 1, so that every test run is the same.
func Seed(s uint64) Option { return func(o *options) { o.seed = s } }

// AnyTime lets every wait with a timeout give up at any moment. By default that happens only when nothing else can go
// on, as if all operations took no time at all.
func AnyTime() Option { return func(o *options) { o.anytime = true } }

// Until makes the exploration stop when ctx ends, in the middle of a run if need be; what it says then is that it was not
// exhausted.
func Until(ctx context.Context) Option { return func(o *options) { o.until = ctx.Done() } }

// OnProgress calls f now and then while the program is explored. If f panics or calls runtime.Goexit, so does Explore.
func OnProgress(f func(Progress)) Option { return func(o *options) { o.progress = f } }

func newOptions(opts []Option) *options {
	o := &options{runs: defaultRuns, maxSteps: defaultSteps, seed: 1, bound: -1}
	for _, opt := range opts {
		opt(o)
	}
	if len(o.stages) == 0 && o.bound >= 0 {
		DFS()(o)
	}
	if len(o.stages) == 0 {
		o.usual = !o.limited
		for _, opt := range []Option{Random(o.runs / 5), PCT(2, o.runs/10), PCT(3, o.runs/10), DPOR()} {
			opt(o)
		}
	}
	return o
}
