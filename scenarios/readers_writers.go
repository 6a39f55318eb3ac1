package scenarios

import (
	"context"
	"fmt"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

var libraryParams = []Param{
	{Name: "readers", Help: "number of readers who come again and again", Default: 3, Min: 2, Max: 1000},
	{Name: "patience", Help: "number that may go in past a waiting writer", Default: 6, Min: 1, Max: 1000},
}

var _ = register(&Scenario{
	Name:     "readers-writers-starved",
	Title:    "There is always one more reader",
	Category: CategoryClassics,
	Expect:   ExpectStarvation,
	Twin:     "readers-writers",
	Lesson: "Readers may be in the library together, the writer only alone. A reader asks just one thing: is " +
		"anybody writing? If not, it goes in. Each of them is out again soon, but another has come before the last " +
		"one leaves. The writer waits for a moment when nobody reads, and that moment never comes. There is no " +
		"deadlock, and everybody else makes progress; starvation is not a visible state, only a wait without a " +
		"bound.",
	Look: "The writer stands at empty all the time, and readers walk in past it and out again. Each reader stays " +
		"until another has come, so the library is never empty.",
	Params: libraryParams,
	Hints: []string{
		"Each reader soon leaves the library. Ask why that is not enough for the writer.",
		"See what a new reader checks before it goes in, and who is waiting at that moment without being noticed.",
		"Readers who come after the writer go in before it, so the library is never empty. Let them stand in one line " +
			"with the writer, so that those behind it wait.",
	},
	Run: runReadersWritersStarved,
})

var _ = register(&Scenario{
	Name:     "readers-writers",
	Title:    "One line for readers and writers",
	Category: CategoryClassics,
	Expect:   ExpectClean,
	Twin:     "readers-writers-starved",
	Lesson: "Readers and the writer stand in one line, a semaphore with a single permit, and go in the order in which " +
		"they came. A reader passes the permit on as soon as it is in, so readers still read together. The writer keeps " +
		"it while it waits for the readers inside to leave: nobody can slip past, the library empties, and the wait is " +
		"bounded. Those behind the writer go in together after it.",
	Look: "When the writer is at the head of the line, the readers behind it wait, even though others are reading. " +
		"The last reader leaves, the writer goes in, and then all the readers in the line.",
	Params: libraryParams,
	Run:    runReadersWriters,
})

// A library has one page that readers read and the writer writes.
type library struct {
	readers, patience int

	page int // guarded by the library's rules, the point of the scenario

	seats  *sync2.Semaphore // a reader takes one of them, the writer all of them
	queue  func() error     // waits for the caller's turn to come in
	inside func()           // called inside
	opened sync2.Event      // a reader is inside

	door                  sync2.Mutex // guards what follows
	come, in              int         // number of readers that have come so far, and gone in
	waits, over           bool        // the writer is waiting; no reader comes again
	passed, torn          int         // readers that went in while the writer waited; that saw the page change
	company, empty, ended *sync2.Cond // notified when another reader has come; all seats are free; the writer has gone
}

func runReadersWritersStarved(ctx context.Context, p Params) error {
	// A reader that finds a seat may sit down.
	return readAndWrite(ctx, p, func() error { return nil }, func() {})
}

func runReadersWriters(ctx context.Context, p Params) error {
	// There is one line at the door, for readers and the writer. The first in it waits for a seat, or for all of them.
	line := sync2.NewBoundedSemaphore(1)
	trace.Name(line, "line")
	return readAndWrite(ctx, p, func() error { return line.AcquireContext(ctx) }, line.Release)
}

// readAndWrite lets readers and a writer come to the library. Everybody calls queue before looking for a seat, and inside
// once there is nothing left to wait for at the door.
func readAndWrite(ctx context.Context, p Params, queue func() error, inside func()) error {
	readers := p.Int("readers")
	lib := &library{
		readers: readers, patience: p.Int("patience"), queue: queue, inside: inside,
		seats: sync2.NewBoundedSemaphore(readers),
	}
	lib.company, lib.empty, lib.ended = sync2.NewCond(&lib.door), sync2.NewCond(&lib.door), sync2.NewCond(&lib.door)
	trace.Name(&lib.door, "door")
	trace.Name(lib.company, "company")
	trace.Name(lib.empty, "empty")
	trace.Name(lib.ended, "written")
	trace.Name(lib.seats, "seats")
	trace.Name(&lib.opened, "opened")

	all := []*sync2.Goroutine{sync2.Go("writer", func() {
		_ = lib.opened.WaitContext(ctx)
		for range 2 {
			p.Pause(ctx, 300*time.Millisecond)
			lib.write(ctx, p)
		}
		lib.door.Lock()
		lib.close()
		lib.door.Unlock()
	})}
	for i := range readers {
		all = append(all, sync2.Go(fmt.Sprintf("reader-%d", i+1), func() {
			p.Pause(ctx, spread(1200*time.Millisecond, i, readers))
			for ctx.Err() == nil && lib.read(ctx, p) {
				p.Pause(ctx, min(300*time.Millisecond, 1800*time.Millisecond/time.Duration(lib.patience)))
			}
		}))
	}
	for _, g := range all {
		g.Join()
	}

	switch {
	case lib.torn > 0:
		return fmt.Errorf("%d times the page changed under the eyes of a reader", lib.torn)
	case lib.passed > lib.patience:
		return fmt.Errorf("the writer starves: %d readers went in while it waited", lib.passed)
	}
	return nil
}

// read is one visit of a reader. It returns false when there is no point in coming again.
func (l *library) read(ctx context.Context, p Params) bool {
	l.door.Lock()
	defer l.door.Unlock()
	l.come++
	l.company.Broadcast()

	l.door.Unlock()
	err := l.queue()
	l.door.Lock()
	if err != nil {
		return false
	}
	err = l.ended.WaitForContext(ctx, l.seats.TryAcquire)
	l.inside()
	if err != nil {
		return false
	}
	l.in++
	me := l.in
	if l.in == 1 {
		l.opened.Set()
	}
	if l.waits {
		l.passed++
		trace.Log("goes in past the writer")
	}
	if l.passed > l.patience {
		l.close()
	}

	// Read, and leave only when another has come after me, so that there is always a reader inside.
	l.door.Unlock()
	before := l.page
	p.Pause(ctx, min(500*time.Millisecond, 3*time.Second/time.Duration(l.patience)))
	changed := before != l.page
	l.door.Lock()
	_ = l.company.WaitForContext(ctx, func() bool { return l.come > me || l.over })
	if changed {
		l.torn++
	}
	l.seats.Release()
	l.empty.Broadcast()
	return !l.over
}

// write changes the page, alone.
func (l *library) write(ctx context.Context, p Params) {
	if l.queue() != nil {
		return
	}
	defer l.inside()
	l.door.Lock()
	l.waits = true
	alone := false
	_ = l.empty.WaitForContext(ctx, func() bool {
		alone = !l.over && l.seats.TryAcquireN(l.readers)
		return alone || l.over
	})
	l.waits = false
	l.door.Unlock()
	if !alone {
		return
	}

	l.page++
	trace.Log("writes")
	p.Pause(ctx, 600*time.Millisecond)
	l.door.Lock()
	l.seats.ReleaseN(l.readers)
	l.ended.Broadcast()
	l.door.Unlock()
}

// close sends home readers that wait for company, and a writer that has waited too long. The caller holds the lock.
func (l *library) close() {
	l.over = true
	l.company.Broadcast()
	l.empty.Broadcast()
}
