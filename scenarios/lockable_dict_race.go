package scenarios

import (
	"context"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var dictParams = []Param{{Name: "writers", Help: "number of writers of one key", Default: 2, Min: 1, Max: 1000}}

var _ = register(&Scenario{
	Name:     "lockable-dict-race",
	Title:    "Two locks for one key",
	Category: CategoryPools,
	Programs: []int{109},
	Expect:   ExpectViolation,
	Twin:     "lockable-dict-once",
	Lesson: "A dictionary has a lock for each key, created when the key is first used. Here a writer checks whether " +
		"there is one, and creates it if not: two steps, each under the table's lock. Two writers may both find none, " +
		"and then each holds a lock of its own for the same key. Check and act must be one step.",
	Look: "Both writers look into the table before either has put a lock there. After that each is alone in a room " +
		"of its own, and both change the same value.",
	Hints: []string{
		"Each writer holds a lock when it changes the value. Ask whether it is the same lock.",
		"lockOf looks into the table twice under its lock, but releases it in between.",
		"Two writers find no lock for the key, each makes one, and the second replaces the first. Look and make without " +
			"releasing the table's lock in between.",
	},
	Params: dictParams,
	Run:    runLockableDictRace,
})

var _ = register(&Scenario{
	Name:     "lockable-dict-once",
	Title:    "One lock for one key",
	Category: CategoryPools,
	Expect:   ExpectClean,
	Twin:     "lockable-dict-race",
	Lesson: "A writer looks for the key's lock, and creates it if there is none, without releasing the table's lock " +
		"in between. So the first writer creates it, and all others find it.",
	Look: "The writers go through the room called table one after another. There is one room for the key, and they " +
		"queue at its door.",
	Params: dictParams,
	Run:    runLockableDictOnce,
})

func runLockableDictRace(ctx context.Context, p Params) error {
	d := newLockTable()
	return changeKey(ctx, p, func(key string) *sync2.Mutex {
		d.table.Lock()
		l := d.locks[key]
		d.table.Unlock()
		if l != nil {
			return l
		}

		// Making a lock takes a while, so others may use the table meanwhile. They may make the same lock.
		p.Pause(ctx, 400*time.Millisecond)
		d.table.Lock()
		defer d.table.Unlock()
		return d.add(key)
	})
}

func runLockableDictOnce(ctx context.Context, p Params) error {
	d := newLockTable()
	return changeKey(ctx, p, func(key string) *sync2.Mutex {
		d.table.Lock()
		defer d.table.Unlock()
		if l := d.locks[key]; l != nil {
			return l
		}
		return d.add(key)
	})
}

// A lockTable has a lock for each key that has been asked for.
type lockTable struct {
	table sync2.Mutex // guards locks
	locks map[string]*sync2.Mutex
}

func newLockTable() *lockTable {
	d := &lockTable{locks: make(map[string]*sync2.Mutex)}
	trace.Name(&d.table, "table")
	return d
}

// add makes the lock of a key. The table must be locked.
func (d *lockTable) add(key string) *sync2.Mutex {
	l := new(sync2.Mutex)
	d.locks[key] = l
	trace.Name(l, fmt.Sprintf("lock of %s", key))
	return l
}

// changeKey lets each writer add one to the value of the same key.
func changeKey(ctx context.Context, p Params, lockOf func(key string) *sync2.Mutex) error {
	writers := p.Int("writers")

	// The value itself is read and written atomically, so there is no data race to find: what goes wrong is that two
	// writers read the same value.
	var cell sync2.Mutex // guards value
	value := 0
	trace.Name(&cell, "cell")
	get := func() int { cell.Lock(); defer cell.Unlock(); return value }
	set := func(v int) { cell.Lock(); defer cell.Unlock(); value = v }

	all := start(writers, "writer", func(i int) {
		p.Pause(ctx, spread(400*time.Millisecond, i, writers))
		key := lockOf("color")
		if key.LockContext(ctx) != nil {
			return
		}
		defer key.Unlock()
		v := get()
		p.Pause(ctx, 2500*time.Millisecond/time.Duration(writers))
		set(v + 1)
	})
	all.Join()
	if value != writers {
		return fmt.Errorf("%d writers added one each, and the value is %d", writers, value)
	}
	return nil
}
