package scenarios

import (
	"context"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var smokeParams = []Param{{Name: "rounds", Help: "number of times the agent puts two things on the table", Default: 3, Min: 1, Max: 1000}}

var _ = register(&Scenario{
	Name:     "cigarette-smokers-deadlock",
	Title:    "Everybody takes what is there, and nobody has enough",
	Category: CategoryClassics,
	Expect:   ExpectDeadlock,
	Twin:     "cigarette-smokers",
	Lesson: "To smoke takes tobacco, paper and matches. Each of three smokers has plenty of one and needs the other " +
		"two; an agent puts two things on the table and waits until somebody has smoked. If each smoker takes the " +
		"things one after the other, a second smoker can take one of the two, and then neither the one who could " +
		"have smoked nor anybody else has both.",
	Look: "Two things lie on the table, for one smoker. Two smokers get one each and wait for what the other " +
		"holds, or for what is not there, and the agent waits for a cigarette that nobody can roll.",
	Params: smokeParams,
	Hints: []string{
		"The agent puts two different things on the table. Count the smokers who can use at least one of them.",
		"Each smoker keeps the first thing while waiting for the second. Let two smokers each take one of the same two " +
			"things.",
		"Paper and matches are there for the smoker with tobacco, who takes the paper; the one with paper takes the " +
			"matches. Neither has both, and nobody gives anything back. Somebody has to look at both things " +
			"together, and wake the one who can use them.",
	},
	Run: runCigaretteSmokersDeadlock,
})

var _ = register(&Scenario{
	Name:     "cigarette-smokers",
	Title:    "A pusher for each thing, who knows whom to wake",
	Category: CategoryClassics,
	Expect:   ExpectClean,
	Twin:     "cigarette-smokers-deadlock",
	Lesson: "The agent may not be changed, and one cannot wait for two semaphores at once. So there are three " +
		"pushers in between: each takes one kind of ingredient and, under a lock, records it, or finds that the " +
		"other one is already there and wakes the smoker who needs these two. The smokers wait for a whole set and " +
		"never for a part of one.",
	Look: "Of the two pushers that are woken the first only makes a note, and the second wakes a smoker. No " +
		"smoker ever holds a single thing.",
	Params: smokeParams,
	Run:    runCigaretteSmokers,
})

// Each smoker has plenty of one thing and is called after it.
var things = [3]string{"tobacco", "paper", "matches"}

func runCigaretteSmokersDeadlock(ctx context.Context, p Params) error {
	b := newBar(ctx)
	defer b.close()
	return b.smoke(p, func(k int) error {
		// The two things that this smoker lacks, one after the other.
		for _, thing := range []int{(k + 1) % 3, (k + 2) % 3} {
			if err := b.table[thing].AcquireContext(b.open); err != nil {
				return err // it is the cause of the context
			}
		}
		return nil
	})
}

func runCigaretteSmokers(ctx context.Context, p Params) error {
	b := newBar(ctx)
	defer b.close()
	var sets [3]*sync2.Semaphore // by the thing that its smoker has
	for k, thing := range things {
		sets[k] = sync2.NewSemaphore(0)
		trace.Name(sets[k], "set-for-"+thing)
	}
	pushers := push(b.open, b.table, sets)
	err := b.smoke(p, func(k int) error {
		return sets[k].AcquireContext(b.open) // as above
	})
	b.close()
	pushers.Join()
	return err
}

// A bar has a table with three kinds of things on it. It is open until close is called.
type bar struct {
	open   context.Context
	close  func()
	table  [3]*sync2.Semaphore // by thing: those on the table
	smoked *sync2.Semaphore    // tells the agent
}

func newBar(ctx context.Context) *bar {
	b := &bar{smoked: sync2.NewSemaphore(0)}
	b.open, b.close = context.WithCancel(ctx)
	for k, thing := range things {
		b.table[k] = sync2.NewSemaphore(0)
		trace.Name(b.table[k], thing)
	}
	trace.Name(b.smoked, "smoked")
	return b
}

// smoke lets the agent put things on the table, and the smokers smoke. Smoker k, who has thing k, calls get for the rest.
func (b *bar) smoke(p Params, get func(k int) error) error {
	rounds := p.Int("rounds")
	var smoked [3]int
	var smokers crew
	for k, thing := range things {
		smokers = append(smokers, sync2.Go("has-"+thing, func() {
			for get(k) == nil {
				p.Pause(b.open, 1500*time.Millisecond/time.Duration(rounds))
				smoked[k]++
				b.smoked.Release()
			}
		}))
	}

	// In each round it is another one's turn: the table gets the two things that this one has not.
	agent := sync2.Go("agent", func() {
		defer b.close()
		for round := range rounds {
			p.Pause(b.open, 1500*time.Millisecond/time.Duration(rounds))
			b.table[(round+1)%3].Release()
			b.table[(round+2)%3].Release()
			if b.smoked.AcquireContext(b.open) != nil {
				return
			}
		}
	})
	agent.Join()
	smokers.Join()

	for k, thing := range things {
		if turns := (rounds + 2 - k) / 3; smoked[k] != turns {
			return fmt.Errorf("the smoker with %s has smoked %d times, and it was %d times the turn of that one",
				thing, smoked[k], turns)
		}
	}
	return nil
}

// push starts the pushers, one for each thing.
func push(open context.Context, table, sets [3]*sync2.Semaphore) crew {
	var lock sync2.Mutex // guards noted
	trace.Name(&lock, "notes")
	var noted [3]int // things that wait for a second one

	var all crew
	for k, thing := range things {
		all = append(all, sync2.Go("pushes-"+thing, func() {
			for table[k].AcquireContext(open) == nil {
				lock.Lock()
				switch a, b := (k+1)%3, (k+2)%3; {
				case noted[a] > 0: // k and a are on the table: who has b can smoke
					noted[a]--
					sets[b].Release()
				case noted[b] > 0:
					noted[b]--
					sets[a].Release()
				default:
					noted[k]++
				}
				lock.Unlock()
			}
		}))
	}
	return all
}
