package scenarios

import (
	"context"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var retryParams = []Param{
	{Name: "letters", Help: "number of letters to deliver", Default: 8, Min: 1, Max: 1000},
	{Name: "mailers", Help: "number of mailers that deliver them", Default: 2, Min: 1, Max: 1000},
	{Name: "room", Help: "capacity of the outbox", Default: 2, Min: 1, Max: 1000},
}

var _ = register(&Scenario{
	Name:     "retry-deadlock",
	Title:    "A worker puts a failed item back into its own full queue",
	Category: CategoryPools,
	Expect:   ExpectDeadlock,
	Twin:     "retry",
	Lesson: "A mailer takes a letter from a bounded queue, is refused, and puts it back to try again later. As long " +
		"as few letters are refused, that works. When the queue is full and every mailer has a letter to put back, all " +
		"of them wait for room, and nobody is left to take a letter and make some. A goroutine that empties a queue must " +
		"not wait for room in it.",
	Look: "The first letters are delivered, and the outbox stays full, because main writes faster than the mailers " +
		"deliver. Then all the mailers are refused, and queue up behind main for room in the outbox.",
	Hints: []string{
		"Nobody holds a lock. Look at what the mailers wait for, and ask who could give it to them.",
		"There is room in the outbox again when a mailer takes a letter. Count the mailers that are about to do that.",
		"Every mailer waits in Put, and none is left to call Get. Put the letter back with Requeue, which never waits " +
			"and may go past the capacity.",
	},
	Params: retryParams,
	Run:    func(ctx context.Context, p Params) error { return deliver(ctx, p, (*outbox).putBack) },
})

var _ = register(&Scenario{
	Name:     "retry",
	Title:    "Failed items go back with Requeue, which never waits",
	Category: CategoryPools,
	Expect:   ExpectClean,
	Twin:     "retry-deadlock",
	Lesson: "Requeue puts an item back and never waits: the queue may hold more than its capacity for a while, at most " +
		"one item more for each worker. Producers of new items wait until there is room again, so there is still back " +
		"pressure. The item stays unfinished all the time, and Join returns when the last one is done.",
	Look: "When the mailers are refused, the outbox holds more letters than its capacity, and main waits a little " +
		"longer. The mailers always make progress, and every letter is delivered on the second attempt.",
	Params: retryParams,
	Run:    func(ctx context.Context, p Params) error { return deliver(ctx, p, (*outbox).requeue) },
})

// A letter waits to be delivered.
type letter struct {
	number  int
	refused bool // it was refused once
}

// An outbox holds the letters to deliver.
type outbox struct {
	letters *sync2.Queue[letter]
}

// putBack is the obvious first version: a refused letter is put like any other.
func (o *outbox) putBack(ctx context.Context, l letter) error {
	if err := o.letters.PutContext(ctx, l); err != nil {
		return err // it is the cause of ctx
	}
	o.letters.TaskDone() // for the time it was taken: the Put has counted it once more
	return nil
}

// requeue puts the letter back as what it is: taken, but not done.
func (o *outbox) requeue(_ context.Context, l letter) error {
	return o.letters.Requeue(l) // it does not fail before the outbox is closed
}

// deliver writes letters and lets mailers deliver them. Except for the first few, which go to friends, each letter is
// refused on the first attempt, as mail servers do with strangers; then back puts it into the outbox again.
func deliver(ctx context.Context, p Params, back func(*outbox, context.Context, letter) error) error {
	letters, mailers := p.Int("letters"), p.Int("mailers")
	friends := min(letters, mailers)
	attempts := friends + 2*(letters-friends)
	delivering := 4 * time.Second * time.Duration(min(mailers, attempts)) / time.Duration(attempts)
	box := &outbox{sync2.NewQueue[letter](p.Int("room"))}
	trace.Name(box.letters, "outbox")
	delivered := make([]int, letters) // the number of times each letter was delivered

	people := start(mailers, "mailer", func(int) {
		for {
			l, err := box.letters.GetContext(ctx)
			if err != nil {
				return
			}
			p.Pause(ctx, delivering)
			if l.number > friends && !l.refused {
				l.refused = true
				trace.Log("letter %d is refused", l.number)
				if back(box, ctx, l) != nil {
					return
				}
				continue
			}
			delivered[l.number-1]++
			box.letters.TaskDone()
		}
	})
	for number := 1; number <= letters && box.letters.PutContext(ctx, letter{number: number}) == nil; number++ {
		trace.Log("has written letter %d", number)
	}
	_ = box.letters.JoinContext(ctx)
	box.letters.Close()
	people.Join()
	return eachOnce("delivered", delivered)
}
