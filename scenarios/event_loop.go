package scenarios

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "event-loop",
	Title:    "An event loop on one goroutine",
	Category: CategoryPools,
	Programs: []int{73, 76, 82},
	Expect:   ExpectClean,
	Lesson: "An event loop is a queue of functions and one goroutine that calls them. A task runs until it yields, " +
		"and then the next has its turn: foo, bar, foo, bar. Nothing that they touch needs a lock. But a function that " +
		"blocks holds up everything; so long-running work goes to a pool, and only its result comes back to the loop. " +
		"Running the loop from within the loop can never work, and is an error.",
	Look: "Foo and bar take turns on the one goroutine. Then a slow call on the loop stops its clock for as long as " +
		"it takes. The same call in the pool does not: the clock keeps ticking, and the answer arrives as a task of the " +
		"loop.",
	Params: []Param{
		{Name: "turns", Help: "number of turns that foo and bar have", Default: 2, Min: 1, Max: 100},
	},
	Run: runEventLoop,
})

// A turn is a function for a loop to call.
type turn struct {
	name string
	do   func()
}

// TraceText returns the turn's name, as traces show it.
func (t turn) TraceText() string { return t.name }

// A loop calls functions one after another, in one goroutine.
type loop struct {
	ready *sync2.Queue[turn]
	runs  bool // touched by the loop's goroutine alone
}

func newLoop() *loop {
	l := &loop{ready: sync2.NewQueue[turn](0)}
	trace.Name(l.ready, "ready")
	return l
}

// soon makes the loop call fn after all functions already in the queue.
func (l *loop) soon(name string, fn func()) {
	_ = l.ready.Put(turn{name, fn}) // the queue has no bound; a stopped loop calls nothing more
}

var errLoopRuns = errors.New("this event loop is already running")

// run calls the functions in the queue until stop is called.
func (l *loop) run() error {
	if l.runs {
		return errLoopRuns
	}
	l.runs = true
	defer func() { l.runs = false }()
	for t := range l.ready.All() {
		t.do()
	}
	return nil
}

func (l *loop) stop() { l.ready.Close() }

func runEventLoop(ctx context.Context, p Params) error {
	turns := p.Int("turns")
	l := newLoop()
	pool := sync2.NewExecutor(1, sync2.WithName("helper"))
	trace.Name(pool, "pool")

	var said []string  // this and what follows belongs to the loop's goroutine
	var ticks [2]int   // number of ticks in each of the acts with the slow call
	act, left := -1, 2 // the current act, and the number of tasks, foo and bar, that have turns left
	var again error    // the error of running the loop from within it
	slow := func() { p.Pause(ctx, time.Second) }

	// The clock is a task that schedules itself again each time, until both slow calls are over.
	var tick func()
	tick = func() {
		if act < len(ticks) && ctx.Err() == nil {
			if act >= 0 {
				ticks[act]++
			}
			p.Pause(ctx, 100*time.Millisecond)
			l.soon("tick", tick)
			return
		}
		l.stop()
	}

	// In the second act the pool makes the call. Its callback runs in the pool too; all it does is notify the loop.
	inPool := func() {
		act = 1
		f := sync2.Submit(pool, func(context.Context) (string, error) { slow(); return "the answer", nil })
		trace.Name(f, "slow-call")
		f.OnDone(func(f *sync2.Future[string]) {
			l.soon("answer", func() {
				answer, _ := f.Result()
				trace.Log("has %s", answer)
				act = 2
			})
		})
	}

	// In the first act the loop makes the slow call itself. Nothing else happens meanwhile.
	onLoop := func() {
		act = 0
		trace.Log("calls something slow, and nothing else happens")
		slow()
		act = -1
		again = l.run()
		trace.Log("running the loop in the loop: %v", again)
		l.soon("in-pool", inPool)
	}

	// Two tasks that yield after each line, by scheduling the rest of themselves.
	var speak func(word string, turn int)
	speak = func(word string, turn int) {
		said = append(said, word)
		trace.Log("%s", word)
		p.Pause(ctx, 400*time.Millisecond/time.Duration(turns))
		switch {
		case turn < turns:
			l.soon(word, func() { speak(word, turn+1) })
		case left == 1:
			l.soon("tick", tick)
			l.soon("on-loop", onLoop)
		}
		if turn == turns {
			left--
		}
	}
	l.soon("foo", func() { speak("foo", 1) })
	l.soon("bar", func() { speak("bar", 1) })

	var err error
	sync2.Go("loop", func() { err = l.run() }).Join()
	pool.Shutdown()

	switch {
	case err != nil:
		return err
	case !slices.Equal(said, slices.Repeat([]string{"foo", "bar"}, turns)):
		return fmt.Errorf("they said %q", said)
	case !errors.Is(again, errLoopRuns):
		return errors.Join(errors.New("the loop was run within itself: it should have refused"), again)
	case ticks[0] > 0 || p.Pace() > 0 && ticks[1] == 0:
		return fmt.Errorf("the clock ticked %d times while the loop was blocked, and %d times while the pool worked",
			ticks[0], ticks[1])
	}
	return nil
}
