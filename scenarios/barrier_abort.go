package scenarios

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "barrier-abort",
	Title:    "Somebody calls the meeting off",
	Category: CategoryPrimitives,
	Programs: []int{51},
	Expect:   ExpectClean,
	Lesson: "Waiters at a Barrier depend on every other party: if one never arrives, they wait forever. Abort " +
		"breaks the barrier: everybody who is waiting, or arrives later, gets an error with the cause. Reset " +
		"repairs the barrier for another attempt.",
	Look: "One more worker is needed than has arrived. When main aborts the barrier, the gate breaks, and each " +
		"waiter gets the cause. After Reset everybody arrives, and the gate opens.",
	Params: []Param{
		{Name: "workers", Help: "number of workers that come to the first meeting", Default: 3, Min: 1, Max: 1000},
		{Name: "missing", Help: "number of workers missing from it", Default: 1, Min: 1, Max: 1000},
	},
	Run: runBarrierAbort,
})

var errCalledOff = errors.New("order canceled")

func runBarrierAbort(ctx context.Context, p Params) error {
	come, parties := p.Int("workers"), p.Int("workers")+p.Int("missing")
	gate := sync2.NewBarrier(parties)
	trace.Name(gate, "start-line")

	// meet sends n goroutines to the gate, and returns a function that waits for them and says what each was told.
	meet := func(name string, n int) func() []error {
		errs := make([]error, n)
		var workers []*sync2.Goroutine
		for i := range n {
			workers = append(workers, sync2.Go(fmt.Sprintf("%s-%d", name, i+1), func() {
				p.Pause(ctx, spread(1500*time.Millisecond, i, n))
				_, errs[i] = gate.WaitContext(ctx)
				if errs[i] != nil {
					trace.Log("goes home: %v", errs[i])
				}
				p.Pause(ctx, 400*time.Millisecond)
			}))
		}
		return func() []error {
			for _, w := range workers {
				w.Join()
			}
			return errs
		}
	}

	// The gate needs more than will come. Those who came wait, and nothing that they can do themselves would end it.
	told := meet("worker", come)
	p.Pause(ctx, 2100*time.Millisecond)

	// So the meeting has to be called off. Each waiter gets the cause that is given here.
	trace.Log("some are missing: calling it off")
	gate.Abort(errCalledOff)
	first := told()

	// A broken barrier stays broken, or latecomers would wait for people who have long gone home.
	broken := gate.Broken()
	p.Pause(ctx, 700*time.Millisecond)

	// Reset repairs it. This time all of them come.
	gate.Reset()
	trace.Log("another attempt, and all %d come", parties)
	second := meet("again", parties)()

	for i, err := range first {
		if !errors.Is(err, sync2.ErrBroken) || !errors.Is(err, errCalledOff) {
			return fmt.Errorf("worker-%d got %q, not that the meeting was called off: %w", i+1, fmt.Sprint(err), errCalledOff)
		}
	}
	if !broken || gate.Broken() {
		return fmt.Errorf("broken after Abort: %t, after Reset: %t", broken, gate.Broken())
	}
	return errors.Join(second...)
}
