package dist

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A tracing is a trace of a space, taken by a test.
type tracing struct {
	*Space

	events chan trace.Event
	seen   []trace.Event
}

// Event implements trace.Sink.
func (tr *tracing) Event(ev trace.Event) { tr.events <- ev }

// until waits for an event whose text contains text.
func (tr *tracing) until(t *testing.T, text string) {
	t.Helper()
	limit := time.After(time.Minute)
	for before := len(tr.text(t)); !strings.Contains(tr.text(t)[before:], text); {
		select {
		case ev := <-tr.events:
			tr.seen = append(tr.seen, ev)
		case <-limit:
			t.Fatalf("%q is not in the trace, which is\n%s", text, tr.text(t))
		}
	}
}

var (
	times  = regexp.MustCompile(`(?m)^ *[0-9.]+ +`)
	spaces = regexp.MustCompile(` +`)
	spans  = regexp.MustCompile(`after [0-9.]+ .?s`)
	short  = regexp.MustCompile(`(?m)^ben (waits to get from rack|is released|goes on)\n`) // a wait that may be too short to appear
)

// text returns the events so far, one per line.
func (tr *tracing) text(t *testing.T) string {
	t.Helper()
	var text bytes.Buffer
	if err := timeline.WriteText(context.Background(), &text, tr.seen); err != nil {
		t.Error(err)
	}
	return spaces.ReplaceAllString(times.ReplaceAllString(text.String(), ""), " ")
}

// traces traces a space while f runs, and compares the events with want.
func traces(t *testing.T, want string, f func(tr *tracing)) {
	t.Helper()
	tr := &tracing{open(t, WithListen("127.0.0.1:0"), WithName("main")), make(chan trace.Event, 1<<12), nil}
	stop, err := tr.Trace(t.Context(), tr)
	if err != nil {
		t.Fatal(err)
	}
	f(tr)
	stop()
	stop()
	close(tr.events)
	for ev := range tr.events {
		tr.seen = append(tr.seen, ev)
	}
	tr.valid(t)
	want = "the trace begins\n" + strings.ReplaceAll(strings.TrimSpace(want), "\t", "") + "\nthe trace ends\n"
	if got := spans.ReplaceAllString(short.ReplaceAllString(tr.text(t), ""), "after a time"); got != want {
		t.Errorf("the trace is\n%s\nwant\n%s", got, want)
	}
}

// valid checks that the events are consistent.
func (tr *tracing) valid(t *testing.T) {
	t.Helper()
	v := trace.NewValidator()
	for _, ev := range tr.seen {
		if err := v.Event(ev); err != nil {
			t.Error(err)
		}
	}
}

func (tr *tracing) as(t *testing.T, name string) *Space {
	t.Helper()
	return open(t, WithURL(tr.URL()), WithName(name))
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// A trace says which process waits for a lock, which gets it, and whose lease ran out.
func TestTraceMutex(t *testing.T) {
	traces(t, `
		sink is a mutex
		ann appears
		ann locks sink
		ann says: has token 1
		ben appears
		ben waits for sink
		ann ends and still holds sink
		ben says: the lease of ann is over
		ben unlocks sink for ann
		ben locks sink
		ben says: has token 2
		ben says: washes 2 dishes
		ben unlocks sink`, func(tr *tracing) {
		a, b := tr.as(t, "ann"), tr.as(t, "ben")
		h := must[*Held](t)(a.Mutex("sink", Lease(minLease)).Lock())
		tr.until(t, "has token 1")
		ben := sync2.Go("ben", func() {
			h, err := b.Mutex("sink").Lock()
			check(t, err)
			b.Log("washes %d dishes", 2)
			check(t, h.Unlock())
		})
		tr.until(t, "ben waits for sink")
		check(t, a.Close()) // it is not unlocked
		<-h.Lost()
		ben.Join()
		tr.until(t, "ben unlocks sink")
	})
}

func TestTraceSemaphore(t *testing.T) {
	traces(t, `
		hobs is a semaphore with 2 permits
		ann appears
		ann takes 1 permit of hobs, 1 left
		ann takes 1 permit of hobs, 0 left
		ben appears
		ben waits for hobs
		ben gives up waiting for hobs after a time: canceled
		ann gives 1 permit back to hobs, 1 now
		ann gives 1 permit back to hobs, 2 now`, func(tr *tracing) {
		a, b := tr.as(t, "ann"), tr.as(t, "ben")
		p := must[*Permits](t)(a.Semaphore("hobs", 2).Acquire())
		two := must[*Permits](t)(a.Semaphore("hobs", 2).Acquire())
		ctx, cancel := context.WithCancel(t.Context())
		ben := sync2.Go("ben", func() {
			if _, err := b.Semaphore("hobs", 2).AcquireContext(ctx); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
		tr.until(t, "ben waits for hobs")
		cancel()
		ben.Join()
		check(t, p.Release())
		check(t, two.Release())
	})
}

func TestTraceFlags(t *testing.T) {
	traces(t, `
		ready is an event
		ben appears
		ben waits for ready
		dishes is a wait group
		ann appears
		ann adds 1 to dishes, now 1
		ann sets ready for 1 waiter
		ben waits until dishes is 0, now 1
		ann counts dishes down to 0
		ann clears ready
		ben ends
		ann ends`, func(tr *tracing) {
		a, b := tr.as(t, "ann"), tr.as(t, "ben")
		ben := sync2.Go("ben", func() {
			check(t, b.Event("ready").Wait())
			check(t, b.WaitGroup("dishes").Wait())
		})
		tr.until(t, "ben waits for ready")
		check(t, a.WaitGroup("dishes").Add(1))
		check(t, a.Event("ready").Set())
		tr.until(t, "ben waits until dishes is 0")
		check(t, a.WaitGroup("dishes").Done())
		ben.Join()
		ben.Join()
		check(t, a.Event("ready").Clear())
		check(t, b.Close())
		tr.until(t, "ben ends")
		check(t, a.Close())
		tr.until(t, "ann ends")
	})
}

func TestTraceBarrier(t *testing.T) {
	traces(t, `
		lunch is a barrier for 2 parties
		ben appears
		ben arrives at lunch, 1st of 2
		ben waits for lunch, 1st of 2
		ann appears
		ann arrives at lunch, 2nd of 2
		ann opens lunch, generation 1
		ben arrives at lunch, 1st of 2
		ben waits for lunch, 1st of 2
		ann breaks lunch: no soup
		ben is turned away: lunch broken: no soup
		ann resets lunch`, func(tr *tracing) {
		a, b := tr.as(t, "ann"), tr.as(t, "ben")
		meet := func() *sync2.Goroutine {
			return sync2.Go("ben", func() { _, _ = b.Barrier("lunch", 2).Wait() })
		}
		ben := meet()
		tr.until(t, "ben waits for lunch")
		_, err := a.Barrier("lunch", 2).Wait()
		check(t, err)
		ben.Join()
		ben = meet()
		tr.until(t, "ben waits for lunch")
		check(t, a.Barrier("lunch", 2).Abort(errors.New("no soup")))
		ben.Join()
		check(t, a.Barrier("lunch", 2).Reset())
	})
}

// An item that was taken and not finished is handed out again.
func TestTraceQueue(t *testing.T) {
	traces(t, `
		rack is a queue
		ben appears
		ann appears
		ann puts 7 into rack
		ben takes 7 from rack
		7 comes back into rack
		ben takes 7 from rack
		ben says: 7 was given out before, and not finished
		ben is done with an item of rack, 0 unfinished
		ann puts 8 into rack
		ben takes 8 from rack
		ben says: gives 8 back
		ann waits until rack is done
		8 comes back into rack
		ben takes 8 from rack
		ben says: 8 was given out before, and not finished
		ben says: 8 is a dead letter: given out 2 times
		ben is done with an item of rack, 0 unfinished
		ann is released
		ann goes on
		ben ends
		ann ends`, func(tr *tracing) {
		a, b := tr.as(t, "ann"), tr.as(t, "ben")
		opts := []QueueOption{AckWithin(minLease), MaxDeliveries(2)}
		plates := must[*Queue[int]](t)(NewQueue[int](a, "rack", opts...))
		rack := must[*Queue[int]](t)(NewQueue[int](b, "rack", opts...))
		ben := sync2.Go("ben", func() {
			_, err := rack.Get() // and forgets it
			check(t, err)
			item, err := rack.Get()
			check(t, err)
			check(t, item.Done())
		})
		tr.until(t, "ben waits to get from rack")
		check(t, plates.Put(7))
		ben.Join()
		tr.until(t, "0 unfinished")
		check(t, plates.Put(8))
		check(t, must[*Item[int]](t)(rack.Get()).Retry(0))
		tr.until(t, "gives 8 back")
		join := sync2.Go("ann", func() { check(t, plates.Join()) })
		tr.until(t, "ann waits until rack is done")
		check(t, must[*Item[int]](t)(rack.Get()).Retry(0))
		join.Join()
		check(t, b.Close())
		tr.until(t, "ben ends")
		check(t, a.Close())
		tr.until(t, "ann ends")
	})
}

// A Put that waits for room completes when there is some, and an item put before the trace appears when it is taken.
func TestTraceFull(t *testing.T) {
	s := open(t, WithListen("127.0.0.1:0"))
	before := must[*Queue[int]](t)(NewQueue[int](s, "rack", Capacity(1)))
	check(t, before.Put(1))
	rec := make(chan trace.Event, 1<<12)
	tr := &tracing{s, rec, nil}
	stop := must[func()](t)(s.Trace(t.Context(), tr))
	defer stop()
	ann := sync2.Go("ann", func() { check(t, before.Put(2)) })
	tr.until(t, "waits to put into rack")
	for range 2 {
		check(t, must[*Item[int]](t)(before.Get()).Done())
	}
	ann.Join()
	tr.until(t, "takes 2 from rack")
	tr.until(t, "0 unfinished")
	tr.valid(t)
}
