package scenarios

import (
	"context"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var _ = register(&Scenario{
	Name:     "bathroom",
	Title:    "One bathroom for women and men, but never for both at a time",
	Category: CategoryClassics,
	Expect:   ExpectClean,
	Lesson: "An office has one bathroom with a few places. Women may be there together, and so may men, but not " +
		"both at the same time. The first of a kind takes the bathroom for all of that kind and the last gives it " +
		"back, as one switches the light on and off; a semaphore for each kind counts the places. Everybody passes " +
		"one door in order of arrival, or a steady stream of women would keep the men out forever.",
	Look: "The semaphore called bathroom is taken by the first and given back by the last. A man who finds women " +
		"there holds the door, and the women behind him wait, though there may be places.",
	Params: []Param{
		{Name: "women", Help: "number of women", Default: 4, Min: 1, Max: 1000},
		{Name: "men", Help: "number of men", Default: 3, Min: 1, Max: 1000},
		{Name: "places", Help: "number of people it holds at a time", Default: 2, Min: 1, Max: 1000},
	},
	Run: runBathroom,
})

// A lightswitch is switched on by the first to come and off by the last to go. While it is on, its room belongs to all
// who have come.
type lightswitch struct {
	room *sync2.Semaphore // one permit
	lock sync2.Mutex      // guards n
	n    int
}

// on is slow for the first, who waits for the room with the lock in hand: the ones that follow have to wait as well.
func (s *lightswitch) on(ctx context.Context) error {
	if err := s.lock.LockContext(ctx); err != nil {
		return err // it is the cause of ctx
	}
	defer s.lock.Unlock()
	if s.n == 0 {
		if err := s.room.AcquireContext(ctx); err != nil {
			return err // it is the cause of ctx
		}
	}
	s.n++
	return nil
}

func (s *lightswitch) off() {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.n--; s.n == 0 {
		s.room.Release()
	}
}

func runBathroom(ctx context.Context, p Params) error {
	places := p.Int("places")
	stay := min(600*time.Millisecond, 2400*time.Millisecond*time.Duration(places)/time.Duration(p.Int("women")+p.Int("men")))
	room := sync2.NewBoundedSemaphore(1)
	door := sync2.NewBoundedSemaphore(1) // a semaphore and no Mutex, because it serves strictly in order of arrival
	trace.Name(room, "bathroom")
	trace.Name(door, "door")

	var lock sync2.Mutex // guards inside, served and wrong
	trace.Name(&lock, "sign")
	inside, served := make(map[string]int), 0
	var wrong error
	step := func(kind string, by int) {
		lock.Lock()
		defer lock.Unlock()
		inside[kind] += by
		served += max(by, 0)
		if w, m := inside["woman"], inside["man"]; w > 0 && m > 0 || w+m > places {
			wrong = fmt.Errorf("%d women and %d men were in the bathroom, which has %d places", w, m, places)
		}
	}

	var all []*sync2.Goroutine
	come := func(kind string, n int, within time.Duration) {
		light, free := &lightswitch{room: room}, sync2.NewBoundedSemaphore(places)
		trace.Name(&light.lock, kind+"-switch")
		trace.Name(free, kind+"-places")
		use := func() {
			// Through the door goes one at a time, and it is kept until the bathroom is ours.
			if door.AcquireContext(ctx) != nil {
				return
			}
			err := light.on(ctx)
			door.Release()
			if err != nil {
				return
			}
			defer light.off()

			// Now all inside are of one kind. Still there may be too many of them.
			if free.AcquireContext(ctx) != nil {
				return
			}
			defer free.Release()
			step(kind, 1)
			defer step(kind, -1)
			p.Pause(ctx, stay)
		}
		for i := range n {
			all = append(all, sync2.Go(fmt.Sprintf("%s-%d", kind, i+1), func() {
				p.Pause(ctx, spread(within, i, n))
				use()
			}))
		}
	}
	come("woman", p.Int("women"), 600*time.Millisecond)
	come("man", p.Int("men"), 1500*time.Millisecond)
	for _, g := range all {
		g.Join()
	}

	switch {
	case wrong != nil:
		return wrong
	case served != len(all) || room.Available() != 1:
		return fmt.Errorf("%d of %d were served, and the bathroom is free %d times", served, len(all), room.Available())
	}
	return nil
}
