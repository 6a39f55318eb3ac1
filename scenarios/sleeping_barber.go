package scenarios

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

func barberParams(customers float64) []Param {
	return []Param{
		{Name: "customers", Help: "number of customers on this day", Default: customers, Min: 1, Max: 1000},
		{Name: "chairs", Help: "number of customers that can wait", Default: 1, Min: 1, Max: 1000},
	}
}

var _ = register(&Scenario{
	Name:     "sleeping-barber-missed",
	Title:    "The barber looks, finds nobody, and goes to sleep",
	Category: CategoryClassics,
	Expect:   ExpectLostWakeup,
	Twin:     "sleeping-barber",
	Lesson: "The barber looks into the waiting room, finds it empty, and walks back to sleep in the big chair. A " +
		"customer who comes in meanwhile finds the barber awake, and so does not ring, but sits down and waits to be " +
		"called. Then the barber falls asleep. Checking and falling asleep are two steps, and anything that happens " +
		"between them is missed.",
	Look: "A customer comes while the barber is on the way to the chair, and does not touch the bell. In the end " +
		"the barber waits for the bell and the customer for the call, each for the other.",
	Params: barberParams(2),
	Hints: []string{
		"A customer rings only if the barber is asleep. Look for a moment when he is not asleep yet, but will not look " +
			"into the waiting room again either.",
		"The barber looks under the lock, and records that he sleeps under the lock; but he releases it in between. Let " +
			"a customer come in just then.",
		"The barber sees an empty room; a customer sits down and sees that he is awake; the barber falls asleep. Always " +
			"ring, with a semaphore that keeps the ring until the barber takes it.",
	},
	Run: func(ctx context.Context, p Params) error {
		return cutHair(ctx, p, (*barbershop).nextMissed, (*barbershop).ringIfAsleep)
	},
})

var _ = register(&Scenario{
	Name:     "sleeping-barber",
	Title:    "A bell that keeps its rings",
	Category: CategoryClassics,
	Expect:   ExpectClean,
	Twin:     "sleeping-barber-missed",
	Lesson: "Every customer who sits down rings, whatever the barber is doing. The bell is a semaphore: a ring is a " +
		"permit, and is kept until the barber takes it, so it does not matter whether the barber is already asleep. A " +
		"customer who finds no free chair leaves without ringing, and a rendezvous of two more semaphores leads one " +
		"customer at a time to the chair.",
	Look: "The barber waits at the bell: that is his sleep. The permits of the bell are customers in the waiting " +
		"room; when all chairs are taken, the next customer leaves at once.",
	Params: barberParams(5),
	Run: func(ctx context.Context, p Params) error {
		return cutHair(ctx, p, (*barbershop).next, (*barbershop).ring)
	},
})

// A barbershop is the state that the barber and the customers share.
type barbershop struct {
	bell, call, done *sync2.Semaphore // wakes the barber; calls the next customer; lets that one go

	lock       sync2.Mutex // guards what follows
	waiting    int         // customers on chairs
	asleep     bool        // only if rings are not kept
	most, away int         // the maximum number that waited at once, and the number that went away
}

// cutHair opens the shop for a day. The barber calls next to get a customer, and a customer who sits down calls ring.
func cutHair(ctx context.Context, p Params,
	next func(s *barbershop, open context.Context, walk func()) bool, ring func(s *barbershop),
) error {
	n, chairs := p.Int("customers"), p.Int("chairs")
	s := &barbershop{bell: sync2.NewSemaphore(0), call: sync2.NewSemaphore(0), done: sync2.NewSemaphore(0)}
	trace.Name(&s.lock, "shop")
	trace.Name(s.bell, "bell")
	trace.Name(s.call, "call")
	trace.Name(s.done, "done")

	open, closeShop := context.WithCancel(ctx)
	defer closeShop()

	// With many customers, a haircut takes longer than the time until the next one arrives.
	haircut := 3600 * time.Millisecond / time.Duration(max(n, 4))
	cuts := 0
	barber := sync2.Go("barber", func() {
		for next(s, open, func() { p.Pause(open, 700*time.Millisecond) }) {
			s.call.Release()
			p.Pause(ctx, haircut)
			cuts++
			s.done.Release()
		}
	})

	var served atomic.Int64
	customers := start(n, "customer", func(i int) {
		p.Pause(ctx, spread(2400*time.Millisecond, i, n))
		s.lock.Lock()
		if s.waiting == chairs {
			s.away++
			s.lock.Unlock()
			trace.Log("no chair is free: goes away")
			return
		}
		s.waiting++
		s.most = max(s.most, s.waiting)
		ring(s)
		s.lock.Unlock()

		if s.call.AcquireContext(ctx) == nil && s.done.AcquireContext(ctx) == nil {
			served.Add(1)
		}
	})
	customers.Join()

	closeShop()
	barber.Join()

	switch {
	case int(served.Load())+s.away != n || cuts != int(served.Load()):
		return fmt.Errorf("of %d customers %d were served and %d went away, and the barber has cut %d", n, served.Load(), s.away, cuts)
	case s.most > chairs:
		return fmt.Errorf("%d waited on %d chairs", s.most, chairs)
	}
	return nil
}

// nextMissed looks for a customer, and sleeps if there is none. It returns false once the shop has closed.
func (s *barbershop) nextMissed(open context.Context, walk func()) bool {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.waiting == 0 {
		// Nobody is there, so it is a short walk to the big chair.
		s.lock.Unlock()
		walk()
		s.lock.Lock()
		s.asleep = true
		s.lock.Unlock()
		err := s.bell.AcquireContext(open)
		s.lock.Lock()
		if err != nil {
			return false
		}
	}
	s.waiting--
	return true
}

// ringIfAsleep wakes the barber if he is asleep. The caller holds the lock.
func (s *barbershop) ringIfAsleep() {
	if s.asleep {
		s.asleep = false
		s.bell.Release()
	}
}

// next waits for a ring: there are as many as customers. It returns false when the shop has closed.
func (s *barbershop) next(open context.Context, _ func()) bool {
	if s.bell.AcquireContext(open) != nil {
		return false
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	s.waiting--
	return true
}

// ring rings, whatever the barber is doing. The caller holds the lock.
func (s *barbershop) ring() { s.bell.Release() }
