package scenarios

import (
	"context"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var reusers = []Param{
	{Name: "workers", Help: "number of workers that meet", Default: 2, Min: 2, Max: 1000},
	{Name: "rounds", Help: "number of times they meet", Default: 2, Min: 2, Max: 100},
}

var _ = register(&Scenario{
	Name:     "barrier-reuse-bug",
	Title:    "A barrier of a counter and a semaphore, used twice",
	Category: CategoryClassics,
	Expect:   ExpectViolation,
	Twin:     "barrier-reuse",
	Lesson: "A counter and a semaphore make a barrier that works once: the last to arrive hands out a permit " +
		"for everybody. Used again, it breaks. A fast worker can come around, arrive for the next round and take " +
		"the permit of a slow one that has not left the last round yet: then it is a round ahead.",
	Look: "Worker-1 has come to the gate called in, and is slow to go through. The gate opens; a permit lies there " +
		"for it. Then a quick worker comes around for the second round and goes through with that permit.",
	Hints: []string{
		"In the first round all is well. Think of a worker that is quick, and of one that has been given its permit " +
			"but has not taken it yet.",
		"A permit of the gate does not say which worker or which round it is for. Count them when a quick worker comes " +
			"back before a slow one has left.",
		"A quick worker takes the permit of a slow one, and is a round ahead. Nobody may come back before all have " +
			"left: that takes a second gate behind the first, or a Barrier.",
	},
	Params: reusers,
	Run:    runBarrierReuseBug,
})

var _ = register(&Scenario{
	Name:     "barrier-reuse",
	Title:    "A barrier with two gates",
	Category: CategoryClassics,
	Expect:   ExpectClean,
	Twin:     "barrier-reuse-bug",
	Lesson: "A second gate fixes it: nobody may arrive for the next round before everybody has left the last one. " +
		"The first gate opens when all have arrived, the second when all have left. A Barrier solves this problem " +
		"for you, so do not build one by hand.",
	Look: "Every round has two halves. The workers meet at the gate called in, go through one by one, and meet " +
		"again at the gate called out before the next round begins.",
	Params: reusers,
	Run:    runBarrierReuse,
})

// A gate lets n goroutines through when all n have come.
type gate struct {
	n     int
	lock  sync2.Mutex // guards count
	count int
	open  *sync2.Semaphore
}

func newGate(name string, n int) *gate {
	g := &gate{n: n, open: sync2.NewSemaphore(0)}
	trace.Name(&g.lock, name+"-lock")
	trace.Name(g.open, name)
	return g
}

// pass arrives at the gate and goes through it. A goroutine that is slow between the two
// does not notice what happens at the gate meanwhile.
func (g *gate) pass(ctx context.Context, walk func()) error {
	if err := g.lock.LockContext(ctx); err != nil {
		return err
	}
	if g.count++; g.count == g.n {
		// The last to come: one permit for each. Nothing says whose they are.
		g.count = 0
		g.open.ReleaseN(g.n)
	}
	g.lock.Unlock()
	walk()
	return g.open.AcquireContext(ctx)
}

func runBarrierReuseBug(ctx context.Context, p Params) error {
	in := newGate("in", p.Int("workers"))
	return meetAgain(ctx, p, in.pass)
}

func runBarrierReuse(ctx context.Context, p Params) error {
	in, out := newGate("in", p.Int("workers")), newGate("out", p.Int("workers"))

	// Nobody is through before all have left the first gate and come to the second.
	return meetAgain(ctx, p, func(ctx context.Context, walk func()) error {
		if err := in.pass(ctx, walk); err != nil {
			return err
		}
		return out.pass(ctx, func() {})
	})
}

// meetAgain lets the workers meet in each round, and sees that none is ahead when it has been let through.
func meetAgain(ctx context.Context, p Params, meet func(ctx context.Context, walk func()) error) error {
	workers, rounds := p.Int("workers"), p.Int("rounds")
	ctx, stop := context.WithCancelCause(ctx) // when one is ahead there is no point in going on
	defer stop(nil)

	var lock sync2.Mutex          // guards came and wrong
	came := make([]int, rounds+1) // the number of arrivals, by round
	var wrong error
	trace.Name(&lock, "ledger")
	arrive := func(round int) {
		lock.Lock()
		defer lock.Unlock()
		came[round]++
	}
	check := func(me, round int) {
		lock.Lock()
		defer lock.Unlock()
		if came[round] < workers && wrong == nil {
			wrong = fmt.Errorf("worker-%d is through round %d, to which only %d of %d have come",
				me+1, round, came[round], workers)
			stop(wrong)
		}
	}

	// The first worker has nothing to do and is always early, but it dawdles on its way through the gate. The others
	// work, and then go straight through.
	all := start(workers, "worker", func(i int) {
		walk := func() { p.Pause(ctx, 6*time.Second/time.Duration(rounds)) }
		for round := 1; round <= rounds; round++ {
			if i > 0 {
				walk = func() {}
				p.Pause(ctx, spread(2400*time.Millisecond, i, workers)/time.Duration(rounds))
			}
			arrive(round)
			if meet(ctx, walk) != nil {
				return
			}
			check(i, round)
		}
	})
	all.Join()
	return wrong
}
