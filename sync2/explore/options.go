package explore

import (
	"context"
	"fmt"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
)

// An Option configures an exploration. Strategies run in the order in which they are given; by default a fifth of the
// budget goes to random schedules, a tenth each to PCT with depths 2 and 3, and the rest to DPOR, which may exhaust all
// schedules.
type Option func(*options)

type options struct {
	stages   []stage
	runs     int // in total
	maxSteps int
	seed     uint64
	anytime  bool
	bound    int
	token    string
	replays  bool            // Replay was given
	replayed *search.Token   // the token, once parsed
	until    <-chan struct{} // nil if nothing stops it
	progress func(Progress)
	failed   func() bool // the test has failed; nil if there is no test
	limited  bool        // by Runs
	usual    bool        // the user chose neither strategies nor the number of runs
}

// A stage is a strategy and its maximum number of runs.
type stage struct {
	name string
	make func(*options) search.Strategy
	runs int // negative: what the budget allows
}

const (
	defaultRuns  = 10_000
	shortRuns    = 2_000
	defaultSteps = 10_000
	mostSteps    = 1 << 30
)

// atLeast panics if n, the argument of an option, is less than least.
func atLeast(least int, option string, n int) {
	if n < least {
		panic(fmt.Sprintf("explore: %s(%d): must be %d or more", option, n, least))
	}
}

// Random tries n schedules in which every choice is random. [Explore] panics if n is negative.
func Random(n int) Option {
	return func(o *options) {
		atLeast(0, "Random", n)
		o.stages = append(o.stages, stage{"random", func(o *options) search.Strategy { return search.NewRandom(o.seed) }, n})
	}
}

// PCT tries n schedules by probabilistic concurrency testing: each has a guaranteed minimum probability of finding a
// bug of the given depth, which is the number of ordering constraints that trigger the bug. PCT panics if depth is less
// than 1; [Explore] panics if n is negative.
func PCT(depth, n int) Option {
	if depth < 1 {
		panic(fmt.Sprintf("explore: PCT: depth %d; must be 1 or more", depth))
	}
	return func(o *options) {
		atLeast(0, "PCT", n)
		name := fmt.Sprintf("PCT %d", depth)
		o.stages = append(o.stages, stage{name, func(o *options) search.Strategy {
			return search.NewPCT(o.seed, depth)
		}, n})
	}
}

// DFS tries all schedules in depth-first order, within the bounds given by [Preemptions] and [Runs].
func DFS() Option {
	return func(o *options) {
		o.stages = append(o.stages, stage{"DFS", func(o *options) search.Strategy { return search.NewTree(o.bound, false, false) }, -1})
	}
}

// DPOR uses dynamic partial-order reduction with sleep sets: of all schedules that differ only in the order of
// independent operations, it tries one. When it finishes, every schedule has been covered. If it does not finish early,
// shares of the budget go first to schedules with one, two and three preemptions (see [Preemptions]), and to schedules
// close to a random one. So the number of schedules that it tries depends on the budget of [Runs]; the number of
// distinct traces does not.
func DPOR() Option {
	return func(o *options) {
		o.stages = append(o.stages, stage{"DPOR", func(o *options) search.Strategy { return search.NewDPOR(o.runs, o.seed) }, -1})
	}
}

// Preemptions limits [DFS] to schedules with at most n preemptions: points at which a task that could continue is
// suspended. Most bugs need no more than two. If no strategy is given, Preemptions selects DFS. [Explore] panics if n
// is negative.
func Preemptions(n int) Option {
	return func(o *options) {
		atLeast(0, "Preemptions", n)
		o.bound = n
	}
}

// Replay runs the program once, under the schedule of the given token of an earlier failure. If the token is invalid or
// belongs to another program, the exploration fails with [KindBadToken].
func Replay(token string) Option {
	return func(o *options) { o.token, o.replays = token, true }
}

// Steps sets the maximum number of operations in a run. The default is 10,000, and the maximum 2^30. A longer run is a
// livelock if its schedule was fair, and is abandoned otherwise. [Explore] panics if n is less than 1.
func Steps(n int) Option {
	return func(o *options) {
		atLeast(1, "Steps", n)
		o.maxSteps = min(n, mostSteps)
	}
}

// Runs sets the maximum number of runs. The default is 10,000, and 2,000 with go test -short; it is a twentieth of that
// if the program uses other processes and no strategy was chosen. [Explore] panics if n is negative.
func Runs(n int) Option {
	return func(o *options) {
		atLeast(0, "Runs", n)
		o.runs, o.limited = n, true
	}
}

// Seed sets the random seed of [Random] and [PCT]. The default is 1, so that every test run is the same.
func Seed(s uint64) Option { return func(o *options) { o.seed = s } }

// AnyTime lets every wait with a timeout give up at any moment. By default a timeout expires only when no task can run,
// as if operations took no time.
func AnyTime() Option { return func(o *options) { o.anytime = true } }

// Until stops the exploration when ctx ends, even in the middle of a run. The result is then not exhausted.
func Until(ctx context.Context) Option { return func(o *options) { o.until = ctx.Done() } }

// OnProgress calls f periodically while the program is explored. If f panics or calls runtime.Goexit, so does
// [Explore].
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
