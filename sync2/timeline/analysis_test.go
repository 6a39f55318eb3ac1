package timeline

import (
	"slices"
	"strings"
	"testing"
	"time"
)

const forks = `
	define-obj @1 class=mutex 'fork-1
	define-obj @2 class=mutex 'fork-2
	define-obj @3 class=mutex 'fork-3
`

func TestDeadlocks(t *testing.T) {
	const two = forks + "acquire 2 @1 n=1\nacquire 3 @2 n=1\nblock 2 @2\n"
	for _, c := range []struct{ name, stream, want string }{
		{"nothing", "", ""},
		{"a chain", two, ""},
		{"a cycle", two + "block 3 @1", "ann holds fork-1 and waits for fork-2; ben holds fork-2 and waits for fork-1"},
		{"a cycle, and one before it", two + "block 4 @2\nblock 3 @1", "ann holds fork-1 and waits for fork-2; ben holds fork-2 and waits for fork-1"},
		{"come apart", two + "block 3 @1\ngive-up 3 @1 n=1", ""},
		{"of three", forks + "acquire 2 @1 n=1\nacquire 3 @2 n=1\nacquire 4 @3 n=1\nblock 2 @2\nblock 3 @3\nblock 4 @1", "ann holds fork-1 and waits for fork-2; ben holds fork-2 and waits for fork-3; eve holds fork-3 and waits for fork-1"},
		{"alone", forks + "acquire 2 @1 n=1\nblock 2 @1", "ann holds fork-1 and waits for fork-1"},
		{"joins", "define-obj @1 class=goroutine n=3 'ben\ndefine-obj @2 class=goroutine n=2 'ann\nblock 2 @1\nblock 3 @2", "ann waits for the end of ben; ben waits for the end of ann"},
		{"joins who waits for a lock", forks + "define-obj @9 class=goroutine n=3 'ben\nacquire 2 @1 n=1\nblock 3 @1\nblock 2 @9", "ann holds fork-1 and waits for the end of ben; ben waits for fork-1"},
		{"semaphore, one holder can go on", forks + pool2 + "acquire 2 @9 n=1\nacquire 4 @9 n=1\nacquire 3 @1 n=1\nblock 3 @9\nblock 2 @1", ""},
		{"semaphore, none can", forks + pool2 + "acquire 2 @9 n=1\nacquire 4 @9 n=1\nacquire 3 @1 n=1\nblock 3 @9\nblock 2 @1\nblock 4 @1", "ann holds pool and waits for fork-1; ben holds fork-1 and waits for pool"},
		{"semaphore held by one unknown", "define-obj @9 class=semaphore 'pool\nblock 2 @9", ""},
		{"semaphore that began with nothing", "define-obj @9 class=semaphore n=0 'news\nrelease 3 @9 n=1\nacquire 2 @9 n=1\nblock 2 @9", ""},
		{"semaphore, given back by another", pool2 + "acquire 2 @9 n=2\nrelease 3 @9 n=1\nacquire 2 @9 n=1\nblock 2 @9", ""},
		{"semaphore, given back in part", pool2 + "acquire 2 @9 n=2\nrelease 2 @9 n=1\nacquire 2 @9 n=1\nblock 2 @9", "ann holds pool and waits for pool"},
		{"semaphore, its holder waits for it too", forks + pool2 + "acquire 2 @9 n=1\nacquire 3 @9 n=1\nacquire 2 @1 n=1\nblock 2 @9\nblock 3 @1", "ann holds fork-1 and waits for pool; ben holds pool and waits for fork-1"},
		{"event", doorDef + "block 2 @1\nblock 3 @1", ""},
		{"the only worker waits for its own pool", "define-obj @1 class=executor n=1 'pool\ndefine-obj @2 class=future peer=1 'f\ndefine-obj @3 class=future peer=1 'g\nsubmit 1 @2 peer=1\ntask-start 2 @2\nsubmit 2 @3 peer=1\nblock 2 @3", "ann works for pool, which has no other worker for g, and waits for the result of g"},
		{"a worker waits for its own pool", executor + "define-obj @4 class=future peer=1 'h\nsubmit 1 @2 peer=1\nsubmit 1 @3 peer=1\ntask-start 2 @2\ntask-start 3 @3\nsubmit 2 @4 peer=1\nblock 2 @4\nblock 3 @4", "ann works for pool, all of whose workers wait, and waits for the result of h"},
		{"a worker waits, another is free", executor + "submit 1 @2 peer=1\ntask-start 2 @2\nsubmit 2 @3 peer=1\nblock 2 @3", ""},
		{"tasks wait for each other", executor + "submit 1 @2 peer=1\nsubmit 1 @3 peer=1\ntask-start 2 @2\ntask-start 3 @3\nblock 2 @3\nblock 3 @2", "ann runs f and waits for the result of g; ben runs g and waits for the result of f"},
		{"waits for several in its own pool", busy + "block 2 @6 'WaitAll\nblock 3 @2", "ann works for pool, all of whose workers wait, and waits for all of 2 futures"},
		{"tasks wait for groups", busy + "define-obj @7 class=group n=1 'WaitAny\nwatch 2 @3 peer=7 n=2\nblock 2 @7 'WaitAny\nblock 3 @2", "ann runs f and waits for 1 future; ben runs g and waits for the result of f"},
		{"waits for several, of which the other runs one", busy + "define-obj @8 class=group n=2 'AsCompleted\nwatch 3 @4 peer=8 n=1\nwatch 3 @2 peer=8 n=2\nblock 2 @3\nblock 3 @8 'AsCompleted", "ann runs f and waits for the result of g; ben runs g and waits for the next of 2 futures"},
		{"waits for several, of which one goes on", busy + "watch 2 @3 peer=6 n=2\nblock 2 @6 'WaitAny", ""},
		{"waits for several, of which one is a promise", busy + "define-obj @7 class=future 'promise\nwatch 2 @7 peer=6 n=1\nblock 2 @6 'WaitAny\nblock 3 @2", ""},
		{"waits for several, of which not all are known", busy + "define-obj @7 class=group n=2 'WaitAny\nwatch 2 @3 peer=7 n=2\nblock 2 @7 'WaitAny\nblock 3 @2", ""},
		{"an RWMutex and a mutex", forks + rw9 + "acquire 2 @9 n=1 'RLock\nacquire 3 @1 n=1\nblock 3 @9 'Lock\nblock 2 @1", "ann holds rw for reading and waits for fork-1; ben holds fork-1 and waits for rw"},
		{"an RWMutex of which one reader goes on, and one does not", forks + rw9 + "acquire 2 @9 n=1 'RLock\nacquire 4 @9 n=1 'RLock\nacquire 3 @1 n=1\nblock 3 @9 'Lock\nblock 2 @1", "ann holds rw for reading and waits for fork-1; ben holds fork-1 and waits for rw"},
		{"reads twice, and a writer comes in between", rw9 + "acquire 2 @9 n=1 'RLock\nblock 3 @9 'Lock\nblock 2 @9 'RLock", "ann holds rw for reading and waits for rw for reading; ben is ahead of it at rw and waits for rw"},
		{"a reader that another has unlocked", rw9 + "acquire 2 @9 n=1 'RLock\nacquire 3 @9 n=1 'RLock\nrelease 4 @9 'RUnlock\nblock 2 @9 'Lock", ""},
		{"a once that calls itself", "define-obj @9 class=once 'once\naction-begin 2 @9\nblock 2 @9 'Do", "ann runs the function of once and waits for once, which ann runs"},
		{"a channel and a lock, while others go on", forks + used + "acquire 2 @1 n=1\nblock 2 @9 'send\nblock 3 @1", ""},
		{"a channel and a lock", forks + used + "acquire 2 @1 n=1\nblock 2 @9 'send\nblock 3 @1" + rest, "ann holds fork-1 and waits to send to c; ben receives from c and waits for fork-1"},
		{"a channel whose other end nobody has been at", forks + "define-obj @9 class=chan 'c\nacquire 2 @1 n=1\nblock 2 @9 'send\nblock 3 @1" + rest, ""},
		{"a channel whose other end has ended", forks + used + "acquire 2 @1 n=1\nblock 2 @9 'send\nblock 4 @1\nexit 3\nexit 1", ""},
		{"two channels", used + "define-obj @8 class=chan 'd\nput 3 @8 n=1\nget 2 @8 n=1\nblock 2 @8 'receive\nblock 3 @9 'receive" + rest, "ann sends to c and waits to receive from d; ben sends to d and waits to receive from c"},
		{"a select and a lock", forks + used + chose + "acquire 2 @1 n=1\nblock 2 @7 'select\nblock 3 @1" + rest, "ann holds fork-1 and waits to send to c; ben receives from c and waits for fork-1"},
		{"a timer may help", forks + used + "define-obj @6 class=timer n=1000000000 'timer\nacquire 2 @1 n=1\nblock 2 @9 'send\nblock 3 @1" + rest, ""},
		{"one who sleeps may help", forks + used + "define-obj @6 class=clock 'clock\nacquire 2 @1 n=1\nblock 2 @9 'send\nblock 3 @1\nblock 4 @6 n=9 'Sleep\nexit 1", ""},
	} {
		s := play(t, c.stream)
		got := ""
		for _, d := range s.Deadlocks() {
			got += s.Words().Deadlock(d)
		}
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
		if text := reported(t, people+c.stream); c.want != "" && text != c.want || c.want == "" && text != "" && !strings.Contains(c.stream, "give-up") {
			t.Errorf("%s: as text\n got %s\nwant %s", c.name, text, c.want)
		}
	}
}

// A cycle is reported when it closes, and again when it closes again, but not while it lasts.
func TestTextTellsDeadlocks(t *testing.T) {
	const cycle = "ann holds fork-1 and waits for fork-2; ben holds fork-2 and waits for fork-1"
	stream := people + forks + "acquire 2 @1 n=1\nacquire 3 @2 n=1\nblock 2 @2\nblock 3 @1\nblock 4 @1\n"
	if got := reported(t, stream); got != cycle {
		t.Errorf("once: %s", got)
	}
	again := stream + "give-up 3 @1 n=1\nlog 3 'again\nblock 3 @1\n"
	if got := reported(t, again); got != cycle+"\n"+cycle {
		t.Errorf("twice: %s", got)
	}
}

// reported returns the deadlocks reported in the text of a trace.
func reported(t *testing.T, stream string) string {
	t.Helper()
	var text strings.Builder
	if err := WriteText(t.Context(), &text, script(t, stream)); err != nil {
		t.Fatal(err)
	}
	var all []string
	for line := range strings.Lines(text.String()) {
		if _, d, ok := strings.Cut(line, "  deadlock: "); ok {
			all = append(all, strings.TrimSpace(d))
		}
	}
	return strings.Join(all, "\n")
}

const (
	rw9  = "define-obj @9 class=rwmutex 'rw\n"
	used = "define-obj @9 class=chan 'c\nblock 3 @9 'receive\nput 2 @9 n=1\nunblock 3 @9 peer=2\nget 3 @9 n=1\nresume 3 @9\n" // ann has sent to c, and ben received
	// ann is about to wait in a select.
	chose = "define-obj @7 class=select 'select of ann\nwatch 2 @9 peer=7 'send\n"
	rest  = "\nexit 1\nexit 4"
)

// Whatever is known of a channel's other end is reported.
func TestOtherEnd(t *testing.T) {
	for _, c := range []struct{ stream, want string }{
		{"", ""},
		{chanDef + "block 2 @1 'receive", "no goroutine has tried to send to c"},
		{chanDef + "block 2 @1 'send", "no goroutine has tried to receive from c"},
		{used + "block 2 @9 'send", ""},
		{used + "exit 3\nblock 2 @9 'send", "every goroutine that received from c has ended: ben"},
		{used + "block 2 @9 'receive", "no other goroutine has tried to send to c"},
		{used + "put 4 @9 n=2\nget 3 @9 n=2\nexit 4\nblock 2 @9 'receive", "every other goroutine that sent to c has ended: eve"},
		{choosing, "no goroutine has tried to send to c; no goroutine has tried to send to d"},
		{"define-obj @1 class=nil-chan 'nil\nblock 2 @1 'send", "an operation on a nil channel blocks forever"},
		{"define-obj @1 class=select 's\nblock 2 @1 'select", "a select without cases waits forever"},
		{forks + "block 2 @1", ""},
	} {
		if got := play(t, c.stream).Words().OtherEnd(2); got != c.want {
			t.Errorf("after %q\n got %s\nwant %s", c.stream, got, c.want)
		}
	}
}

// Waiters at an end of a channel are listed in order of arrival, including those in a select.
func TestAtEnd(t *testing.T) {
	s := play(t, "define-obj @9 class=chan 'c\ndefine-obj @7 class=select 's\nblock 4 @9 'receive\nwatch 2 @9 peer=7 'receive\nblock 2 @7 'select\nblock 3 @9 'receive")
	if got := s.AtEnd(9, false); !slices.Equal(got, []int64{4, 2, 3}) {
		t.Errorf("%v receive", got)
	}
	if got := s.AtEnd(9, true); len(got) != 0 {
		t.Errorf("%v send", got)
	}
}

// busy is a pool whose two workers both run a task; two more tasks are submitted, and ann is about to wait for these.
const busy = executor + "define-obj @4 class=future peer=1 'h\ndefine-obj @5 class=future peer=1 'i\ndefine-obj @6 class=group n=2 'some\n" +
	"submit 1 @2 peer=1\nsubmit 1 @3 peer=1\ntask-start 2 @2\ntask-start 3 @3\nsubmit 2 @4 peer=1\nsubmit 2 @5 peer=1\nwatch 2 @4 peer=6 n=1\nwatch 2 @5 peer=6 n=1\n"

func TestHelpers(t *testing.T) {
	s := play(t, forks+"define-obj @9 class=goroutine n=3 'ben\nacquire 2 @1 n=1\nblock 3 @1\nblock 2 @9")
	for _, c := range []struct {
		g, helper int64
		waitsFor  string
		how       string // how the helper blocks it
	}{
		{3, 2, "waits for fork-1", "holds fork-1"},
		{2, 3, "waits for the end of ben", ""},
		{1, 0, "", ""},
		{99, 0, "", ""},
	} {
		var want []int64
		if c.helper != 0 {
			want = []int64{c.helper}
		}
		if got := s.Blockers(c.g); !slices.Equal(got, want) || s.Words().WaitsFor(c.g) != c.waitsFor {
			t.Errorf("%d %s, and can be helped by %v, want %s, %v", c.g, s.Words().WaitsFor(c.g), got, c.waitsFor, want)
		}
		if c.helper != 0 && s.Words().Blocks(c.helper, s.Goroutine(c.g).For) != c.how {
			t.Errorf("%d %s, want %s", c.helper, s.Words().Blocks(c.helper, s.Goroutine(c.g).For), c.how)
		}
	}
	if got := s.Words().Blocks(99, 1); got != "" {
		t.Errorf("the unknown goroutine %s", got)
	}
}

const pool2 = "define-obj @9 class=semaphore n=2 'pool\n"

func TestTwoDeadlocks(t *testing.T) {
	s := play(t, forks+"define-obj @4 class=mutex 'fork-4\nacquire 1 @1 n=1\nacquire 2 @2 n=1\nacquire 3 @3 n=1\nacquire 4 @4 n=1\nblock 3 @4\nblock 4 @3\nblock 1 @2\nblock 2 @1")
	ds := s.Deadlocks()
	if len(ds) != 2 || len(ds[0]) != 2 || ds[0][0] != (Link{G: 1, For: 2, Holds: 1}) || ds[0][1] != (Link{G: 2, For: 1, Holds: 2}) || ds[1][0].G != 3 {
		t.Errorf("%+v", ds)
	}
}

func TestContention(t *testing.T) {
	s := play(t, forks+`
		acquire 1 @1 n=1
		block 2 @1
		block 3 @1
		give-up 2 @1 n=1 +20ms
		define-obj @4 class=event 'door
		block 4 @4
		log 1 +100ms`)
	got := s.Contention()
	want := []Contention{
		{Obj: 1, Waits: 2, WaitTime: (21 + 122) * time.Millisecond, MaxQueue: 2, Waiting: 1},
		{Obj: 4, Waits: 1, WaitTime: 100 * time.Millisecond, MaxQueue: 1, Waiting: 1},
	}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestLockOrders(t *testing.T) {
	var l lockOrders
	s := new(State)
	for _, ev := range script(t, people+forks+`
		define-obj @4 class=semaphore n=9 'pool
		acquire 2 @4 n=1
		acquire 2 @1 n=1
		acquire 2 @2 n=1 pc=7
		acquire 2 @4 n=1
		release 2 @2
		acquire 2 @2 n=1
		release 2 @2
		release 2 @1
		acquire 3 @2 n=1
		acquire 4 @1 n=1
		block 3 @1
		acquire 4 @3 n=1
		release 4 @3
		release 4 @1
		unblock 3 @1 peer=4
		acquire 3 @1 n=1
		define-obj @5 class=reentrant-lock 'room
		acquire 3 @5 n=1
		acquire 3 @5 n=2`) {
		_ = s.Apply(ev)
		l.add(s, &ev)
	}
	want := []lockOrder{
		{before: 1, after: 2, g: 2, seq: 12, pc: 7, times: 2},
		{before: 2, after: 1, g: 3, seq: 20, times: 1},
		{before: 1, after: 3, g: 4, seq: 21, times: 1},
		{before: 2, after: 5, g: 3, seq: 27, times: 1},
		{before: 1, after: 5, g: 3, seq: 27, times: 1},
	}
	if len(l.orders) != len(want) {
		t.Fatalf("got %+v, want %+v", l.orders, want)
	}
	for i := range want {
		if l.orders[i] != want[i] {
			t.Errorf("order %d\n got %+v\nwant %+v", i, l.orders[i], want[i])
		}
	}
	if inversions := l.inversions(); len(inversions) != 1 || inversions[0] != (inversion{want[0], want[1]}) {
		t.Errorf("inversions %+v", inversions)
	}
}
