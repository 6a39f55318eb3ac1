package scenarios

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "river-crossing",
	Title:    "The one who completes the crew is the captain",
	Category: CategoryClassics,
	Expect:   ExpectClean,
	Lesson: "A boat takes four: hackers or serfs, or two of each, but never three of one kind and one of the other. " +
		"Each arrival checks, under a lock, whether a crew is complete; the one who completes it is the captain, calls " +
		"all four with permits, and keeps the lock. At a barrier they wait for each other. A permit does not say which " +
		"crew it is for, so the captain releases the lock only when the boat has left: two crews forming at once could " +
		"be mixed up.",
	Look: "The captain holds the bank while the crew boards, and new arrivals wait for it. The quay opens with the " +
		"fourth. Then the bank is free, and the next crew can form.",
	Params: []Param{{Name: "trips", Help: "number of crossings, each with four on board", Default: 3, Min: 1, Max: 250}},
	Run:    runRiver,
})

// A bank is where hackers (kind 0) and serfs (kind 1) wait.
type bank struct {
	lock    sync2.Mutex // guards waiting
	waiting [2]int
	called  [2]*sync2.Semaphore
	quay    *sync2.Barrier

	deck  sync2.Mutex // guards what follows
	crew  string      // a letter for each person on board
	gone  int
	wrong error
}

func runRiver(ctx context.Context, p Params) error {
	trips := p.Int("trips")
	b := &bank{called: [2]*sync2.Semaphore{sync2.NewSemaphore(0), sync2.NewSemaphore(0)}, quay: sync2.NewBarrier(4)}
	trace.Name(&b.lock, "bank")
	trace.Name(b.called[0], "hackers-called")
	trace.Name(b.called[1], "serfs-called")
	trace.Name(b.quay, "quay")
	trace.Name(&b.deck, "deck")

	// As many of one kind as of the other, two for each trip. So a crew can always be formed, and at the end nobody is
	// left.
	var all []*sync2.Goroutine
	for kind, name := range []string{"hacker", "serf"} {
		for i := range 2 * trips {
			all = append(all, sync2.Go(fmt.Sprintf("%s-%d", name, i+1), func() {
				p.Pause(ctx, time.Duration(kind)*800*time.Millisecond+spread(1500*time.Millisecond, i, 2*trips))
				b.cross(ctx, p, kind)
			}))
		}
	}
	for _, g := range all {
		g.Join()
	}

	switch {
	case b.wrong != nil:
		return b.wrong
	case b.gone != trips:
		return fmt.Errorf("the boat crossed %d times, and not %d", b.gone, trips)
	}
	return nil
}

// cross brings one person of the given kind to the other side.
func (b *bank) cross(ctx context.Context, p Params, kind int) {
	if b.lock.LockContext(ctx) != nil {
		return
	}
	captain := b.complete(kind)
	if captain {
		defer b.lock.Unlock()
	} else {
		b.lock.Unlock()
	}

	// There is a permit for each of the four, including the captain.
	if b.called[kind].AcquireContext(ctx) != nil {
		return
	}
	b.board(kind)
	if _, err := b.quay.WaitContext(ctx); err != nil {
		return
	}
	if captain {
		b.leave()
		p.Pause(ctx, 2400*time.Millisecond/time.Duration(max(3, p.Int("trips"))))
	}
}

// complete counts one more person at the bank. If that completes a crew, it calls the crew and returns true.
func (b *bank) complete(kind int) bool {
	b.waiting[kind]++
	other := 1 - kind
	switch {
	case b.waiting[kind] == 4:
		b.call(kind, 4)
	case b.waiting[kind] >= 2 && b.waiting[other] >= 2:
		b.call(kind, 2)
		b.call(other, 2)
	default:
		return false
	}
	return true
}

func (b *bank) call(kind, n int) {
	b.waiting[kind] -= n
	b.called[kind].ReleaseN(n)
}

func (b *bank) board(kind int) {
	b.deck.Lock()
	defer b.deck.Unlock()
	b.crew += "HS"[kind : kind+1]
}

// leave checks who is on board, and sets off.
func (b *bank) leave() {
	b.deck.Lock()
	defer b.deck.Unlock()
	trace.Log("sets off with %s", b.crew)
	if b.wrong == nil && (len(b.crew) != 4 || strings.Count(b.crew, "H")%2 != 0) {
		b.wrong = fmt.Errorf("the boat set off with %q on board", b.crew)
	}
	b.crew = ""
	b.gone++
}
