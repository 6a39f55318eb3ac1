package scenarios

import (
	"context"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

func bridgeParams(cars float64) []Param {
	return []Param{
		{Name: "cars", Help: "number of cars from each side", Default: cars, Min: 1, Max: 500},
		{Name: "convoy", Help: "number that may go one way in a row while others wait", Default: 2, Min: 1, Max: 500},
		{Name: "carries", Help: "number of cars the bridge carries at a time", Default: 3, Min: 1, Max: 500},
	}
}

var _ = register(&Scenario{
	Name:     "one-lane-bridge-collision",
	Title:    "The bridge was free when I looked",
	Category: CategoryClassics,
	Expect:   ExpectViolation,
	Twin:     "one-lane-bridge",
	Lesson: "A bridge has one lane for both directions. Each driver waits, under a lock, until nobody comes from the " +
		"other side, then releases the lock and drives up to the bridge. Meanwhile another driver looks from the other " +
		"side, sees a bridge that is still empty, and starts too. What was true when you looked may be false when you " +
		"act on it: check-then-act has to be one step.",
	Look: "One car from each side looks while the bridge is empty. Neither has to wait, and then both are on the " +
		"bridge.",
	Params: bridgeParams(1),
	Hints: []string{
		"Everybody looks before driving on, under a lock. Ask what the lock protects, and for how long.",
		"A car that has looked but is not on the bridge yet is invisible. Let another come from the other side just " +
			"then.",
		"East looks and sees nobody; west looks and sees nobody; both drive on. Count yourself as on the bridge before " +
			"you release the lock under which you looked.",
	},
	Run: func(ctx context.Context, p Params) error { return crossBridge(ctx, p, (*bridge).enterHastily) },
})

var _ = register(&Scenario{
	Name:     "one-lane-bridge",
	Title:    "One lane, two directions, and nobody waits forever",
	Category: CategoryClassics,
	Expect:   ExpectClean,
	Twin:     "one-lane-bridge-collision",
	Lesson: "A bridge has one lane for both directions. A driver looks and is counted as on the bridge under one " +
		"lock, so nobody acts on outdated facts. Cars may follow each other, but when a convoy is long enough and " +
		"somebody waits on the other side, the next car stops: without this rule a steady stream in one direction would " +
		"keep the other waiting forever.",
	Look: "Cars cross in convoys, one way and then the other. A car stops although it could drive on: that is the end " +
		"of the convoy, and when the bridge is empty the other side goes.",
	Params: bridgeParams(4),
	Run:    func(ctx context.Context, p Params) error { return crossBridge(ctx, p, (*bridge).enter) },
})

// A bridge with one lane. Way 0 leads to the east, and way 1 to the west.
type bridge struct {
	convoy int
	deck   *sync2.Semaphore // a permit for each car that it carries

	lock    sync2.Mutex // guards what follows
	on      [2]int      // cars on the bridge, by way
	waiting [2]int
	row     [2]int // the number of cars that went this way since the last one went the other way
	turn    [2]*sync2.Cond

	past    [2]int // the number of them that did so while a car waited on the other side
	crossed int
	wrong   error
}

func crossBridge(ctx context.Context, p Params, enter func(b *bridge, ctx context.Context, p Params, way int) error) error {
	cars := p.Int("cars")
	b := &bridge{convoy: p.Int("convoy"), deck: sync2.NewBoundedSemaphore(p.Int("carries"))}
	trace.Name(b.deck, "bridge")
	trace.Name(&b.lock, "signals")
	var all []*sync2.Goroutine
	for way, to := range []string{"east", "west"} {
		b.turn[way] = sync2.NewCond(&b.lock)
		trace.Name(b.turn[way], "to-the-"+to)
	}
	for way, to := range []string{"east", "west"} {
		for i := range cars {
			all = append(all, sync2.Go(fmt.Sprintf("%s-%d", to, i+1), func() {
				p.Pause(ctx, spread(1800*time.Millisecond, i, cars))
				if enter(b, ctx, p, way) != nil {
					return
				}
				defer b.leave(way)
				if b.deck.AcquireContext(ctx) != nil {
					return
				}
				defer b.deck.Release()
				p.Pause(ctx, 2800*time.Millisecond/time.Duration(max(4, cars)))
			}))
		}
	}
	for _, g := range all {
		g.Join()
	}

	switch {
	case b.wrong != nil:
		return b.wrong
	case b.crossed != 2*cars:
		return fmt.Errorf("%d of %d cars have crossed", b.crossed, 2*cars)
	}
	return nil
}

// mayEnter reports whether a car may drive on now.
func (b *bridge) mayEnter(way int) bool {
	other := 1 - way
	return b.on[other] == 0 && (b.waiting[other] == 0 || b.row[way] < b.convoy)
}

// enter waits until the bridge is free, and drives on, without releasing the lock in between.
func (b *bridge) enter(ctx context.Context, _ Params, way int) error {
	b.lock.Lock()
	defer b.lock.Unlock()
	if err := b.wait(ctx, way); err != nil {
		return err
	}
	b.driveOn(way)
	return nil
}

// enterHastily waits until the bridge is free. It seems that the lock is not needed while a car drives up to it.
func (b *bridge) enterHastily(ctx context.Context, p Params, way int) error {
	b.lock.Lock()
	err := b.wait(ctx, way)
	b.lock.Unlock()
	if err != nil {
		return err
	}
	p.Pause(ctx, 1200*time.Millisecond/time.Duration(max(4, p.Int("cars"))))
	b.lock.Lock()
	defer b.lock.Unlock()
	b.driveOn(way)
	return nil
}

// wait waits until a car may drive on. The lock must be held.
func (b *bridge) wait(ctx context.Context, way int) error {
	b.waiting[way]++
	defer func() { b.waiting[way]-- }()
	return b.turn[way].WaitForContext(ctx, func() bool { return b.mayEnter(way) }) // it is the cause of ctx
}

// driveOn notes that a car is on the bridge. The lock must be held.
func (b *bridge) driveOn(way int) {
	other := 1 - way
	b.on[way]++
	b.row[way], b.row[other] = b.row[way]+1, 0
	b.look(way, other)
}

// look checks whether the car that has just driven on this way should have done so.
func (b *bridge) look(way, other int) {
	b.past[other] = 0
	if b.waiting[other] > 0 {
		b.past[way]++
	}
	switch {
	case b.wrong != nil:
	case b.on[other] > 0:
		b.wrong = fmt.Errorf("on the bridge there are %d to the east and %d to the west", b.on[0], b.on[1])
		trace.Log("crash")
	case b.past[way] > b.convoy:
		b.wrong = fmt.Errorf("%d cars in a row drove past waiting ones, in convoys of %d", b.past[way], b.convoy)
	}
}

func (b *bridge) leave(way int) {
	b.lock.Lock()
	defer b.lock.Unlock()
	b.crossed++
	if b.on[way]--; b.on[way] > 0 {
		return
	}
	// The bridge is empty: the other side goes, if a car is there. A driver that is woken looks again before driving on.
	next := 1 - way
	if b.waiting[next] == 0 {
		next = way
	}
	b.turn[next].Notify(b.convoy)
}
