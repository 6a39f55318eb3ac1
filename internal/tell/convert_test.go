package tell

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/sync2/timeline"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A script is a program that reports what it does.
type script struct {
	t *testing.T
	c *converter
	n int64
}

func newScript(t *testing.T) *script {
	return &script{t, newConverter(1000, 5, clock{first: 0, firstAt: 1000, last: 100, lastAt: 1200}), 0}
}

// tell adds an event, one tick after the preceding one.
func (s *script) tell(r raw) {
	s.n++
	r.time = s.n
	s.c.convert(&r)
}

// check checks that the trace is consistent, and returns it as text without the times.
func (s *script) check() string {
	s.t.Helper()
	var text strings.Builder
	w := timeline.NewTextWriter(&text)
	var state timeline.State
	v := trace.NewValidator()
	for _, ev := range s.c.out {
		if err := state.Apply(ev); err != nil {
			s.t.Error(err)
		}
		if err := v.Event(ev); err != nil {
			s.t.Error(err)
		}
		_ = w.Write(ev)
	}
	var lines []string
	for line := range strings.Lines(text.String()) {
		lines = append(lines, strings.Join(strings.Fields(line)[1:], " "))
	}
	return strings.Join(lines, "\n") + "\n"
}

func of(capacity, count int64) int64 { return capacity<<32 | count }

func (s *script) want(lines ...string) {
	s.t.Helper()
	got := s.check()
	at := 0
	for _, line := range lines {
		i := strings.Index(got[at:], line+"\n")
		if i < 0 {
			s.t.Fatalf("it does not say, behind the line before, %q:\n%s", line, got)
		}
		at += i
	}
}

// Values that goroutines exchange through an unbuffered channel, through a buffer, and in a select statement.
func TestChannels(t *testing.T) {
	s := newScript(t)
	s.c.learn(7, &site{file: "/none/main.go", line: 12, fn: "example.org/app.run"})
	s.tell(raw{kind: made, what: ofChan, g: 1, obj: 1, n: of(0, 0), pc: 7})
	s.tell(raw{kind: spawned, g: 1, peer: 5, n: 7, pc: 7})
	s.tell(raw{kind: blocked, what: ofChan, verb: 2, g: 5, obj: 1, n: of(0, 0), pc: 7})
	s.tell(raw{kind: handedTo, what: ofChan, g: 1, peer: 5, obj: 1, n: of(0, 0), pc: 7})
	s.tell(raw{kind: resumed, g: 5})
	s.tell(raw{kind: made, what: ofChan, g: 1, obj: 2, n: of(1, 0), pc: 7})
	s.tell(raw{kind: putIn, what: ofChan, g: 1, obj: 2, n: of(1, 1)})
	s.tell(raw{kind: blocked, what: ofChan, verb: 1, g: 1, obj: 2, n: of(1, 1)})
	s.tell(raw{kind: tookFrom, what: ofChan, g: 5, peer: 1, obj: 2, n: of(1, 1)})
	s.tell(raw{kind: resumed, g: 1})
	s.tell(raw{kind: oneCase, what: ofChan, verb: 2, g: 5, obj: 1, n: of(0, 0)})
	s.tell(raw{kind: oneCase, what: ofNilChan, verb: 1, g: 5})
	s.tell(raw{kind: blocked, what: ofSelect, verb: 3, g: 5, n: 2})
	s.tell(raw{kind: closed, what: ofChan, g: 1, obj: 1, n: of(0, 0)})
	s.tell(raw{kind: readied, g: 1, peer: 5})
	s.tell(raw{kind: resumed, g: 5})
	s.tell(raw{kind: foundShut, what: ofChan, g: 5, obj: 1, n: of(0, 0)})
	s.tell(raw{kind: exited, g: 5})
	s.want(
		"chan main.go:12 is a channel without a buffer",
		"main starts run",
		"run waits to receive from chan main.go:12",
		"main sends to chan main.go:12",
		"run is released by main",
		"run receives from chan main.go:12",
		"run goes on",
		"chan main.go:12#2 is a channel with room for 1",
		"main sends to chan main.go:12#2, 1 of 1",
		"main waits to send to chan main.go:12#2",
		"run receives from chan main.go:12#2",
		"main is released by run",
		"main sends to chan main.go:12#2, 1 of 1",
		"main goes on",
		"run waits to receive from chan main.go:12, or to send to nil channel",
		"main closes chan main.go:12",
		"run is released by main",
		"run goes on",
		"run finds chan main.go:12 closed",
		"run ends",
	)
}

// Where something was not reported, it is attributed to an unknown goroutine, so that the trace is consistent.
func TestGaps(t *testing.T) {
	s := newScript(t)
	s.tell(raw{kind: putIn, what: ofChan, g: 1, obj: 1, n: of(5, 3)})
	s.tell(raw{kind: got, what: ofChan, g: 2, obj: 1, n: of(5, 0)})
	s.tell(raw{kind: released, what: ofMutex, verb: 13, g: 1, obj: 8, pc: 9})
	s.tell(raw{kind: released, what: ofMutex, verb: 13, g: 1, obj: 8, pc: 9})
	s.tell(raw{kind: acquired, what: ofMutex, verb: 4, g: 1, obj: 8, n: 1, pc: 9})
	s.tell(raw{kind: acquired, what: ofMutex, verb: 4, g: 2, obj: 8, n: 1, pc: 9})
	s.tell(raw{kind: acquired, what: ofRWMutex, verb: 5, g: 1, obj: 16, n: 1, pc: 9})
	s.tell(raw{kind: acquired, what: ofRWMutex, verb: 5, g: 2, obj: 16, n: 1, pc: 9})
	s.tell(raw{kind: acquired, what: ofRWMutex, verb: 4, g: 3, obj: 16, n: 1, pc: 9})
	s.tell(raw{kind: released, what: ofRWMutex, verb: 14, g: 3, obj: 16, pc: 9})
	s.tell(raw{kind: released, what: ofRWMutex, verb: 13, g: 3, obj: 16, pc: 9})
	s.tell(raw{kind: added, what: ofWaitGroup, g: 1, obj: 24, n: 3, peer: 1, pc: 9})
	s.tell(raw{kind: foundShut, what: ofChan, g: 1, obj: 2, n: of(1, 0)})
	s.tell(raw{kind: resumed, g: 9})
	s.tell(raw{kind: blocked, what: ofWaitGroup, verb: 6, g: 1, obj: 32})
	s.tell(raw{kind: readied, g: 2, peer: 1})
	s.tell(raw{kind: resumed, g: 1})
	for range 2 { // another Once at the same address
		s.tell(raw{kind: runs, what: ofOnce, verb: 7, g: 1, obj: 40, pc: 9})
		s.tell(raw{kind: hasRun, what: ofOnce, verb: 7, g: 1, obj: 40, pc: 9})
	}
	s.tell(raw{kind: readied, g: 1, peer: 9})
	s.tell(raw{kind: got, what: ofChan, g: 2, obj: 1, n: of(5, 0), lost: 3})
	s.c.end(5)
	s.want("3 events are missing here", "2 events are missing here", "the trace ends")
	for i, ev := range s.c.out {
		if i > 0 && ev.Kind != trace.KindDropped && ev.Seq != s.c.out[i-1].Seq+1 {
			t.Errorf("event %d follows %d", ev.Seq, s.c.out[i-1].Seq)
		}
	}
}

// Locks, groups, conditions, Onces and timers.
func TestSync(t *testing.T) {
	s := newScript(t)
	file := filepath.Join(t.TempDir(), "x.go")
	const source = "\tgo w.loop(ctx)\n\ts.mu.Lock()\n\tdone := make(chan int)\n\ta, b := make(chan int), make(chan int)\n"
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	for line := range uint64(4) {
		s.c.learn(line+1, &site{file: file, line: int(line) + 1, fn: "main.main"})
	}
	s.c.learn(100, &site{file: file, line: 1, fn: "main.main.gowrap1"})
	s.tell(raw{kind: spawned, g: 1, peer: 2, n: 100, pc: 1})
	s.tell(raw{kind: spawned, g: 1, peer: 3, n: 100, pc: 1})
	s.tell(raw{kind: made, what: ofChan, g: 1, obj: 1, pc: 3})
	s.tell(raw{kind: made, what: ofChan, g: 1, obj: 2, pc: 4})
	s.tell(raw{kind: acquired, what: ofMutex, verb: 4, g: 1, obj: 8, n: 1, pc: 2})
	s.tell(raw{kind: blocked, what: ofMutex, verb: 4, g: 2, obj: 8, n: 1, pc: 2})
	s.tell(raw{kind: tryFailed, what: ofMutex, verb: 11, g: 3, obj: 8, n: 1, pc: 2})
	s.tell(raw{kind: released, what: ofMutex, verb: 13, g: 1, obj: 8, pc: 2})
	s.tell(raw{kind: readied, g: 1, peer: 2})
	s.tell(raw{kind: resumed, g: 2})
	s.tell(raw{kind: acquired, what: ofMutex, verb: 4, g: 2, obj: 8, n: 1, pc: 2})
	s.tell(raw{kind: blocked, what: ofCond, verb: 6, g: 1, obj: 9, n: 1})
	s.tell(raw{kind: notified, what: ofCond, verb: 16, g: 2, obj: 9, pc: 9})
	s.tell(raw{kind: readied, g: 2, peer: 1})
	s.tell(raw{kind: resumed, g: 1})
	s.tell(raw{kind: runs, what: ofOnce, verb: 7, g: 1, obj: 10, pc: 9})
	s.tell(raw{kind: hasRun, what: ofOnce, verb: 7, g: 1, obj: 10, pc: 9})
	s.tell(raw{kind: blocked, what: ofOnce, verb: 7, g: 2, obj: 10, pc: 9}) // it had begun to wait, and comes to say so too late
	s.tell(raw{kind: readied, g: 1, peer: 2})
	s.tell(raw{kind: resumed, g: 2})
	s.tell(raw{kind: added, what: ofWaitGroup, g: 1, obj: 11, n: 2, peer: 2, pc: 9})
	s.tell(raw{kind: passed, what: ofWaitGroup, verb: 6, g: 1, obj: 12, pc: 9})
	s.tell(raw{kind: timerMade, what: ofTimer, g: 1, obj: 3, peer: 1, n: 2_000_001_000})
	s.tell(raw{kind: timerFire, what: ofTimer, obj: 3})
	s.tell(raw{kind: timerSet, what: ofTimer, g: 1, obj: 3, n: 3_000_001_000})
	s.tell(raw{kind: timerStop, what: ofTimer, g: 1, obj: 3})
	s.tell(raw{kind: blocked, what: ofClock, verb: 8, g: 1, n: 1_000_000_000})
	s.tell(raw{kind: resumed, g: 1})
	s.tell(raw{kind: blocked, what: ofNetwork, verb: 9, g: 1, n: 1})
	s.c.learn(55, &site{file: "/go/src/net/http/transport.go", line: 2652, fn: "net/http.(*persistConn).roundTrip"})
	s.tell(raw{kind: blocked, what: ofLibrary, verb: 3 | atFront, g: 3, obj: 55, n: 1}) // as at a lock that has been contended for long
	s.tell(raw{kind: added, what: ofWaitGroup, g: 2, obj: 11, n: 1, peer: ^uint64(0)})
	s.tell(raw{kind: added, what: ofWaitGroup, g: 2, obj: 99, n: 1, peer: ^uint64(0)}) // of which nothing is known
	s.c.end(0)
	s.want(
		"main starts w.loop",
		"main starts w.loop#2",
		"done x.go:3 is a channel without a buffer",
		"chan x.go:4 is a channel without a buffer",
		"main locks s.mu x.go:2",
		"w.loop waits for s.mu x.go:2",
		"w.loop#2 tries s.mu x.go:2 and fails",
		"main unlocks s.mu x.go:2",
		"w.loop is released by main",
		"w.loop locks s.mu x.go:2",
		"main waits for cond of the library",
		"w.loop notifies 1 waiter at cond of the library",
		"main is released by w.loop",
		"main has run the function of once of the library",
		"main adds 2 to waitgroup of the library, now 2",
		"main finds waitgroup of the library#2 at 0",
		"main sets timer of the library, to fire after 2 s",
		"timer of the library fires",
		"main stops timer of the library",
		"main sleeps for 1 s",
		"main is awake again",
		"main waits for network",
		"w.loop#2 waits for (*persistConn).roundTrip transport.go:2652",
		"w.loop counts waitgroup of the library down to 1",
		"the trace ends",
	)
	var lines []string
	for _, ev := range s.c.out {
		if ev.Kind == trace.KindDefinePC && ev.PC == 2 {
			lines = strings.Split(ev.Text, "\n")
		}
	}
	if len(lines) != 6 || lines[0] != "x.go:2 main.main" || lines[2] != "\ts.mu.Lock()" {
		t.Errorf("the source is %q", lines)
	}
}

// Waiters of a Cond or a WaitGroup may be overtaken between their release and when they are readied.
func TestReleasedBeforeReadied(t *testing.T) {
	s := newScript(t)
	waits := func(what uint8, g, obj uint64, ticket int64) {
		s.tell(raw{kind: blocked, what: what, verb: 6, g: g, obj: obj, n: ticket, pc: 9})
	}
	notify := func(verb uint8, g uint64, ticket int64) {
		s.tell(raw{kind: notified, what: ofCond, verb: verb, g: g, obj: 8, n: ticket, pc: 9})
	}
	const signal, broadcast = 15, 16
	wakes := func(by uint64, gs ...uint64) {
		for _, g := range gs {
			s.tell(raw{kind: readied, g: by, peer: g})
			s.tell(raw{kind: resumed, g: g})
		}
	}
	waits(ofCond, 3, 8, 1) // the other goroutine with a ticket has not begun to wait yet
	notify(signal, 1, 0)
	notify(signal, 1, 1)
	wakes(1, 3)
	for _, g := range []int64{4, 2, 3} { // in another order than they have taken their tickets
		waits(ofCond, uint64(g), 8, g)
	}
	notify(signal, 1, 2)
	notify(signal, 5, 3)
	notify(signal, 1, nobody)
	wakes(5, 3)
	wakes(1, 2)
	waits(ofCond, 2, 8, 1<<31-1)
	waits(ofCond, 3, 8, 1<<31)
	notify(broadcast, 1, 0)
	waits(ofCond, 5, 8, 1<<31+1)
	notify(broadcast, 6, 0)
	wakes(6, 5)
	wakes(1, 3, 4, 2)
	waits(ofCond, 2, 8, 1<<32-1)
	waits(ofCond, 3, 8, 0)
	notify(signal, 1, 1<<32-1)
	notify(signal, 1, 0)
	wakes(1, 3, 2)
	waits(ofCond, 2, 8, 1)
	notify(broadcast, 1, nobody)
	wakes(1, 2) // notified by the standard library, which has not told so
	s.tell(raw{kind: added, what: ofWaitGroup, g: 1, obj: 16, n: 1, peer: 1, pc: 9})
	waits(ofWaitGroup, 2, 16, 1)
	waits(ofWaitGroup, 3, 16, 1)
	s.tell(raw{kind: added, what: ofWaitGroup, g: 1, obj: 16, peer: ^uint64(0), pc: 9})
	s.tell(raw{kind: passed, what: ofWaitGroup, verb: 6, g: 4, obj: 16, pc: 9})
	wakes(1, 2, 3)
	waits(ofWaitGroup, 2, 16, 1) // a goroutine has added to it and taken that away, without a report
	waits(ofWaitGroup, 3, 16, 1)
	s.tell(raw{kind: readied, g: 1, peer: 3})
	s.tell(raw{kind: passed, what: ofWaitGroup, verb: 6, g: 4, obj: 16, pc: 9})
	wakes(1, 2, 3)
	s.c.end(0)
	var got []int64
	for _, ev := range s.c.out {
		if ev.Kind == trace.KindNotify {
			got = append(got, ev.N)
		}
	}
	if want := []int64{0, 1, 1, 1, 0, 3, 1, 1, 1, 0, 1}; !slices.Equal(got, want) {
		t.Errorf("it notifies %d, not %d", got, want)
	}
	s.want(
		"goroutine-3 is released by main",
		"goroutine-2 is released by main",
		"goroutine-3 is released by goroutine-5",
		"goroutine-4 is released by main",
		"goroutine-2 is released by main",
		"goroutine-3 is released by main",
		"goroutine-5 is released by goroutine-6",
		"goroutine-2 is released by main",
		"goroutine-3 is released by main",
		"goroutine-2 is released by main",
		"goroutine-2 is released by main",
		"goroutine-3 is released by main",
	)
}

// Ticks are converted at the rate that was measured last.
func TestClock(t *testing.T) {
	c := clock{first: 100, firstAt: 1000, last: 200, lastAt: 1200}
	if c.at(150) != 1100 || c.at(300) != 1400 {
		t.Error(c.at(150), c.at(300))
	}
	if (&clock{}).at(5) != 5 {
		t.Error("without a rate ticks are no nanoseconds")
	}
}
