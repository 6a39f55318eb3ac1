package scenarios

import (
	"context"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var smokeParams = []Param{{Name: "rounds", Help: "how often the agent puts two things on the table", Default: 3, Min: 1, Max: 1000}}

var _ = register(&Scenario{
	Name:     "cigarette-smokers-deadlock",
	Title:    "Everybody takes what is there, and nobody has enough",
	Category: Classics,
	Expect:   Deadlock,
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
		"Each smoker keeps the first thing while waiting for the second. Let two smokers take one thing each of the " +
			"same two.",
		"Paper and matches are there for the smoker with tobacco, who takes the paper; the one with paper takes the " +
			"matches. Neither has both, and nobody gives anything back. Somebody has to look at both things " +
			"together, and wake the one who can use them.",
	},
	Run: func(ctx context.Context, p Params) error { return smoke(ctx, p, false) },
})

var _ = register(&Scenario{
	Name:     "cigarette-smokers",
	Title:    "A pusher for each thing, who knows whom to wake",
	Category: Classics,
	Expect:   Clean,
	Twin:     "cigarette-smokers-deadlock",
	Lesson: "The agent may not be changed, and a semaphore cannot be asked for two different things at once. So " +
		"three pushers stand between: each takes one kind of thing and, under a lock, notes it, or finds the other " +
		"there already and wakes the smoker who needs just these two. The smokers wait for a whole set and never " +
		"for a part of one.",
	Look: "Of the two pushers that are woken the first only makes a note, and the second wakes a smoker. No " +
		"smoker ever holds a single thing.",
	Params: smokeParams,
	Run:    func(ctx context.Context, p Params) error { return smoke(ctx, p, true) },
})

// Each smoker has plenty of one thing and is called after it.
var things = [3]string{"tobacco", "paper", "matches"}

// smoke lets the agent put things on the table, and sees that those smoke whose things they were.
func smoke(ctx context.Context, p Params, pushers bool) error {
	rounds := p.Int("rounds")
	var table, sets [3]*sync2.Semaphore // by thing: those on the table; sets for the smoker who has it
	for k, thing := range things {
		table[k], sets[k] = sync2.NewSemaphore(0), sync2.NewSemaphore(0)
		trace.Name(table[k], thing)
		trace.Name(sets[k], "set-for-"+thing)
	}
	agent := sync2.NewSemaphore(0)
	trace.Name(agent, "smoked")
	open, closeBar := context.WithCancel(ctx)
	defer closeBar()

	// A smoker waits for a set, or for one thing after the other.
	needs := func(k int) []*sync2.Semaphore {
		if pushers {
			return []*sync2.Semaphore{sets[k]}
		}
		return []*sync2.Semaphore{table[(k+1)%3], table[(k+2)%3]}
	}
	var smoked [3]int
	var all []*sync2.Goroutine
	for k, thing := range things {
		all = append(all, sync2.Go("has-"+thing, func() {
			for {
				for _, need := range needs(k) {
					if need.AcquireContext(open) != nil {
						return
					}
				}
				p.Pause(open, 1500*time.Millisecond/time.Duration(rounds))
				smoked[k]++
				agent.Release()
			}
		}))
	}
	if pushers {
		all = append(all, push(open, table, sets)...)
	}

	// In each round it is another one's turn: the table gets the two things that this one has not.
	giver := sync2.Go("agent", func() {
		defer closeBar()
		for round := range rounds {
			p.Pause(ctx, 1500*time.Millisecond/time.Duration(rounds))
			table[(round+1)%3].Release()
			table[(round+2)%3].Release()
			if agent.AcquireContext(ctx) != nil {
				return
			}
		}
	})
	giver.Join()
	for _, g := range all {
		g.Join()
	}

	for k, thing := range things {
		if turns := (rounds + 2 - k) / 3; smoked[k] != turns {
			return fmt.Errorf("the smoker with %s has smoked %d times, and it was %d times the turn of that one", thing, smoked[k], turns)
		}
	}
	return nil
}

// push starts the pushers, one for each thing.
func push(open context.Context, table, sets [3]*sync2.Semaphore) []*sync2.Goroutine {
	var lock sync2.Mutex // guards noted
	trace.Name(&lock, "notes")
	var noted [3]int // things that wait for a second one

	var all []*sync2.Goroutine
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
