package scenarios

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var lookers = []Param{{Name: "callers", Help: "number of goroutines that need the settings", Default: 3, Min: 2, Max: 1000}}

var _ = register(&Scenario{
	Name:     "double-checked-lock",
	Title:    "A look without the lock",
	Category: CategoryClassics,
	Expect:   ExpectRace,
	Twin:     "double-checked-lock-fixed",
	Lesson: "The first goroutine that needs the settings makes them, under a lock. To avoid locking later on, " +
		"everybody first checks without the lock whether they exist. But a lock orders only the goroutines that take it: " +
		"one that reads without it may see writes late, in part, or in another order, such as the pointer before the " +
		"data it points to. It may work a million times, and it is still a data race.",
	Look: "Nothing visible goes wrong: one goroutine makes the settings, the others find them, some without going " +
		"through the room. That is the trouble; only a program built with -race reports the unordered read: go run -race " +
		"./cmd/turnstile run double-checked-lock --format text.",
	Hints: []string{
		"The result is right in every schedule that the explorer tries. Look for a variable that several goroutines use, " +
			"and ask for each use which lock orders it.",
		"The pointer is written under the lock, and the second check reads it under the lock. The first check takes no " +
			"lock.",
		"Nothing orders the write in keep and the first check. Either always take the lock, or keep the pointer in " +
			"an atomic.Pointer, whose Store synchronizes with the Load that sees it; sync.OnceValue does the whole " +
			"thing.",
	},
	Params: lookers,
	Run:    runDoubleCheckedLock,
})

var _ = register(&Scenario{
	Name:     "double-checked-lock-fixed",
	Title:    "A look without the lock, at an atomic pointer",
	Category: CategoryClassics,
	Expect:   ExpectClean,
	Twin:     "double-checked-lock",
	Lesson: "The pointer to the settings is atomic: a goroutine that loads it sees either nil, or the pointer and " +
		"everything that was written before it was stored. So checking without the lock is safe, and checking " +
		"again under the lock ensures that the settings are made once. In your own program use sync.OnceValue, " +
		"which does exactly this.",
	Look: "Goroutines that come before the settings exist queue at the room, check again when it is their turn, and " +
		"find them. Later ones do not go through the room at all.",
	Params: lookers,
	Run:    runDoubleCheckedLockFixed,
})

// A settings takes a while to make.
type settings struct{ answer int }

func runDoubleCheckedLock(ctx context.Context, p Params) error {
	w := newWorkshop()
	var kept *settings // only ever written under the lock

	return callAtWorkshop(ctx, p, w, func() *settings {
		if kept != nil {
			trace.Log("finds them without the lock")
			return kept
		}
		if w.lock.LockContext(ctx) != nil {
			return nil
		}
		defer w.lock.Unlock()
		if kept == nil {
			kept = w.make(ctx, p)
		}
		return kept
	})
}

func runDoubleCheckedLockFixed(ctx context.Context, p Params) error {
	w := newWorkshop()
	var kept atomic.Pointer[settings] // Load sees what was written before Store

	return callAtWorkshop(ctx, p, w, func() *settings {
		if s := kept.Load(); s != nil {
			trace.Log("finds them without the lock")
			return s
		}
		if w.lock.LockContext(ctx) != nil {
			return nil
		}
		defer w.lock.Unlock()
		if kept.Load() == nil {
			kept.Store(w.make(ctx, p))
		}
		return kept.Load()
	})
}

// A workshop makes the settings, under its lock.
type workshop struct {
	lock sync2.Mutex // guards made, and makes sure that the settings are kept once
	made int
}

func newWorkshop() *workshop {
	w := new(workshop)
	trace.Name(&w.lock, "workshop")
	return w
}

func (w *workshop) make(ctx context.Context, p Params) *settings {
	trace.Log("makes them")
	p.Pause(ctx, 1200*time.Millisecond)
	w.made++
	return &settings{answer: 42}
}

// callAtWorkshop lets callers get the settings, each of them twice, and checks that they were made once.
func callAtWorkshop(ctx context.Context, p Params, w *workshop, get func() *settings) error {
	n := p.Int("callers")

	// All callers have arrived before any of them asks, so only their own synchronization orders what they do.
	opens := sync2.NewBarrier(n)
	trace.Name(opens, "opening-time")
	found := make([]int, n)
	callers := start(n, "caller", func(i int) {
		if _, err := opens.WaitContext(ctx); err != nil {
			return
		}
		for range 2 {
			p.Pause(ctx, spread(800*time.Millisecond, i, n))
			if s := get(); s != nil {
				found[i] += s.answer
			}
		}
	})
	callers.Join()

	for i, sum := range found {
		if w.made != 1 || sum != 2*42 {
			return fmt.Errorf("the settings were made %d times, and caller-%d found %d in them", w.made, i+1, sum/2)
		}
	}
	return nil
}
