package scenarios

import (
	"context"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "santa",
	Title:    "Santa sleeps until all reindeer are back, or three elves need help",
	Category: CategoryClassics,
	Expect:   ExpectClean,
	Lesson: "Santa sleeps at a semaphore. Two kinds of groups can wake him: all the reindeer, for the sleigh, or " +
		"three elves who have a problem. Arrivals are counted under a lock, and only the one who completes a group wakes " +
		"him: one permit for each group, however large. Once awake, he checks which group is there, the reindeer first. " +
		"A fourth elf may not join a complete group, so a door stays shut until the three have gone.",
	Look: "Elves go through their door one by one, and after the third it stays shut. Each permit of the semaphore " +
		"called santas-bed stands for one group. The sleigh leaves only after every reindeer has been harnessed.",
	Params: []Param{
		{Name: "reindeer", Help: "number of reindeer that pull the sleigh", Default: 9, Min: 1, Max: 500},
		{Name: "groups", Help: "number of groups of three elves that need help", Default: 2, Min: 1, Max: 300},
	},
	Run: runSanta,
})

// The north is what Santa, the reindeer and the elves share.
type north struct {
	bed           *sync2.Semaphore // a permit for each group that is complete
	harness, sled *sync2.Semaphore // a reindeer may come; has been harnessed
	door, help    *sync2.Semaphore // an elf may join the group; leaves, helped

	lock            sync2.Mutex // guards what follows
	reindeer, elves int         // members of a group that has not been served yet
	hitched, pulled int         // reindeer harnessed, now and when the sleigh left
	helped          int
	wrong           error
}

func runSanta(ctx context.Context, p Params) error {
	herd, groups := p.Int("reindeer"), p.Int("groups")
	named := func(name string, permits int) *sync2.Semaphore {
		s := sync2.NewSemaphore(permits)
		trace.Name(s, name)
		return s
	}
	n := &north{
		bed: named("santas-bed", 0), harness: named("harness", 0), sled: named("sleigh", 0),
		door: named("elves-door", 1), help: named("help", 0),
	}
	trace.Name(&n.lock, "list")

	all := []*sync2.Goroutine{sync2.Go("santa", func() {
		for range 1 + groups {
			if n.bed.AcquireContext(ctx) != nil || !n.serve(ctx, p, herd) {
				return
			}
		}
	})}
	for i := range 3 * groups {
		all = append(all, sync2.Go(fmt.Sprintf("elf-%d", i+1), func() {
			p.Pause(ctx, spread(1500*time.Millisecond, i, 3*groups))
			n.elf(ctx)
		}))
	}
	for i := range herd {
		all = append(all, sync2.Go(fmt.Sprintf("reindeer-%d", i+1), func() {
			p.Pause(ctx, spread(1900*time.Millisecond, i, herd))
			n.pull(ctx, herd)
		}))
	}
	for _, g := range all {
		g.Join()
	}

	switch {
	case n.wrong != nil:
		return n.wrong
	case n.pulled != herd || n.helped != 3*groups:
		return fmt.Errorf("%d of %d reindeer pulled the sleigh, and %d of %d elves were helped", n.pulled, herd, n.helped, 3*groups)
	}
	return nil
}

// serve is what Santa does when he is woken: he checks which group is there. If both are, he was woken twice, and it
// is the elves' turn the next time.
func (n *north) serve(ctx context.Context, p Params, herd int) bool {
	n.lock.Lock()
	christmas := n.reindeer == herd
	if christmas {
		n.reindeer = 0
	} else if n.elves != 3 {
		n.wrong = fmt.Errorf("%d reindeer and %d elves woke Santa", n.reindeer, n.elves)
	}
	n.lock.Unlock()

	if !christmas {
		trace.Log("helps three elves")
		p.Pause(ctx, 1400*time.Millisecond/time.Duration(max(2, p.Int("groups"))))
		n.help.ReleaseN(3)
		return true
	}

	// The sleigh has to wait for each of them: being called does not mean that they have come.
	n.harness.ReleaseN(herd)
	if n.sled.AcquireN(ctx, herd) != nil {
		return false
	}
	trace.Log("ho, ho, ho")
	n.lock.Lock()
	n.pulled = n.hitched
	n.lock.Unlock()
	p.Pause(ctx, 900*time.Millisecond)
	return true
}

// pull is a reindeer's Christmas. The last to arrive wakes Santa.
func (n *north) pull(ctx context.Context, herd int) {
	n.lock.Lock()
	if n.reindeer++; n.reindeer == herd {
		n.bed.Release()
	}
	n.lock.Unlock()
	if n.harness.AcquireContext(ctx) != nil {
		return
	}
	n.lock.Lock()
	n.hitched++
	n.lock.Unlock()
	n.sled.Release()
}

// elf is an elf who needs help. The third of a group wakes Santa and leaves the door shut; the last to go opens it.
func (n *north) elf(ctx context.Context) {
	if n.door.AcquireContext(ctx) != nil {
		return
	}
	n.lock.Lock()
	if n.elves++; n.elves == 3 {
		n.bed.Release()
	} else {
		n.door.Release()
	}
	n.lock.Unlock()
	if n.help.AcquireContext(ctx) != nil {
		return
	}

	n.lock.Lock()
	defer n.lock.Unlock()
	n.helped++
	if n.elves--; n.elves == 0 {
		n.door.Release()
	}
}
