package trace

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/turnstile-go/turnstile/sync2/internal/goid"
)

// record returns the events of f.
func record(t *testing.T, f func()) []Event {
	t.Helper()
	rec := NewRecorder(1 << 12)
	if err := Start(rec); err != nil {
		t.Fatal(err)
	}
	defer Stop()
	f()
	Stop()
	events := rec.Events()
	v := NewValidator()
	v.AllowWaiting = true
	for _, ev := range events {
		if err := v.Event(ev); err != nil {
			t.Error(err)
		}
	}
	return events
}

// only returns the events of the given kinds.
func only(events []Event, kinds ...Kind) []Event {
	return slices.DeleteFunc(slices.Clone(events), func(ev Event) bool { return !slices.Contains(kinds, ev.Kind) })
}

// texts returns the texts of the events of kind k.
func texts(events []Event, k Kind) []string {
	var s []string
	for _, ev := range only(events, k) {
		s = append(s, ev.Text)
	}
	return s
}

func TestStartStop(t *testing.T) {
	if Running() {
		t.Fatal("running before Start")
	}
	Stop() // nothing to stop
	rec := NewRecorder(16)
	if err := Start(rec); err != nil {
		t.Fatal(err)
	}
	if !Running() {
		t.Error("not running after Start")
	}
	if err := Start(NewRecorder(1)); !errors.Is(err, ErrRunning) {
		t.Errorf("second Start: %v", err)
	}
	Log("one")
	Stop()
	Stop()
	if Running() {
		t.Error("running after Stop")
	}
	Log("after the end")
	events := rec.Events()
	if first, last := events[0], events[len(events)-1]; first.Kind != KindBegin || first.N == 0 || last.Kind != KindEnd {
		t.Errorf("begins with %+v, ends with %+v", first, last)
	}
	if got := texts(events, KindLog); !slices.Equal(got, []string{"one"}) {
		t.Errorf("remarks %q", got)
	}
}

// No event text is longer than necessary, whatever produces it.
func TestTextsAreBounded(t *testing.T) {
	long := strings.Repeat("€", 1<<20)
	events := record(t, func() {
		var o, none Object
		Name(&o, long)
		o.Define(ClassEvent, 0, nil)
		o.Emit(Event{Kind: KindSet, Text: long})
		Name(&o, long+"!")
		(*Object)(nil).Emit(Event{Kind: KindDefineG, G: 1 << 40, Text: long})
		none.Define(ClassOther, 0, nil)
		Log("%s", long)
	})
	n := 0
	for _, ev := range events {
		if len(ev.Text) > textBound+len("…") || !utf8.ValidString(ev.Text) {
			t.Errorf("%v has %d bytes of text", ev.Kind, len(ev.Text))
		}
		if len(ev.Text) > textBound/2 {
			n++
		}
	}
	if n != 5 {
		t.Errorf("%d texts are long, want 5", n)
	}
}

func TestLogFormatsOnlyWhenRunning(t *testing.T) {
	Log("%v", panics{})
	got := texts(record(t, func() { Log("%d of %s", 2, "pool") }), KindLog)
	if !slices.Equal(got, []string{"2 of pool"}) {
		t.Errorf("remarks %q", got)
	}
}

type panics struct{}

func (panics) String() string { panic("formatted though no trace runs") }

func TestEmit(t *testing.T) {
	var o, child, undefined Object
	events := record(t, func() {
		o.Define(ClassMutex, 1, nil)
		o.Define(ClassMutex, 1, nil) // already defined
		child.Define(ClassCond, 0, &o)
		o.Emit(Event{Kind: KindRelease})
		o.Emit(Event{Kind: KindBlock, G: 1 << 40, N: 1})
		o.Emit(Event{Kind: KindUnblock, G: 1 << 40, Peer: 1 << 41})
		undefined.Emit(Event{Kind: KindOp})
		(*Object)(nil).Emit(Event{Kind: KindOp, Text: "of no object"})
		if o.Session() == 0 || o.Session() != child.Session() || undefined.Session() != 0 {
			t.Errorf("sessions %d, %d, %d", o.Session(), child.Session(), undefined.Session())
		}
		if o.ID() != 1 || child.ID() != 2 || undefined.ID() != 0 || (*Object)(nil).ID() != 0 {
			t.Errorf("IDs %d, %d, %d", o.ID(), child.ID(), undefined.ID())
		}
	})
	if o.ID() != 0 || o.Session() != 0 {
		t.Errorf("ID %d, session %d after the trace", o.ID(), o.Session())
	}
	defs := only(events, KindDefineObj)
	if len(defs) != 2 || defs[0].Class != ClassMutex || defs[0].N != 1 || defs[0].Text != "mutex-1" || defs[1].Peer != 1 || defs[1].Text != "cond-1" {
		t.Errorf("definitions %+v", defs)
	}
	if rel := only(events, KindRelease); len(rel) != 1 || rel[0].Obj != 1 || rel[0].G != goid.Get() {
		t.Errorf("%+v", rel)
	}
	names := texts(events, KindDefineG)
	if want := []string{fmt.Sprintf("goroutine-%d", goid.Get()), "goroutine-1099511627776", "goroutine-2199023255552"}; !slices.Equal(names, want) {
		t.Errorf("goroutines %q, want %q", names, want)
	}
	if ops := only(events, KindOp); len(ops) != 1 || ops[0].Obj != 0 {
		t.Errorf("%+v", ops)
	}
}

func TestPositions(t *testing.T) {
	var o Object
	events := record(t, func() {
		o.Define(ClassSemaphore, 9, nil)
		for range 2 {
			o.Emit(Event{Kind: KindAcquire, N: 1})
		}
	})
	pcs, takes := only(events, KindDefinePC), only(events, KindAcquire)
	if len(takes) != 2 || takes[0].PC == 0 || takes[0].PC != takes[1].PC || len(pcs) != 1 || pcs[0].PC != takes[0].PC {
		t.Fatalf("positions %+v of %+v", pcs, takes)
	}
	if got := pcs[0].Text; !strings.HasPrefix(got, "trace_test.go:") || !strings.Contains(got, " trace.TestPositions") {
		t.Errorf("position %q", got)
	}
}

func TestName(t *testing.T) {
	var o Object
	Name(&o, "before")
	for _, want := range []string{"before", "during"} { // a name outlives a trace
		events := record(t, func() {
			o.Define(ClassEvent, 0, nil)
			Name(&o, "during")
		})
		if got := texts(events, KindDefineObj); !slices.Equal(got, []string{want}) {
			t.Errorf("defined as %q, want %q", got, want)
		}
		if got := only(events, KindRename); len(got) != 1 || got[0].Text != "during" || got[0].Obj != 1 {
			t.Errorf("renamed %+v", got)
		}
	}
	defer func() {
		if v := recover(); v != "trace: Name: int is not a primitive of sync2" {
			t.Errorf("panic %v", v)
		}
	}()
	Name(7, "seven")
}

// Events of concurrent operations reach the sink one at a time, in the order of Seq.
func TestOrder(t *testing.T) {
	var objects [4]Object
	var mus [4]sync.Mutex
	events := record(t, func() {
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				for range 50 {
					o, mu := &objects[i%4], &mus[i%4]
					mu.Lock()
					o.Define(ClassSemaphore, 1, nil)
					o.Emit(Event{Kind: KindAcquire, N: 1})
					o.Emit(Event{Kind: KindRelease, N: 1})
					mu.Unlock()
				}
			})
		}
		wg.Wait()
	})
	if got := len(only(events, KindAcquire)); got != 400 {
		t.Errorf("%d acquires, want 400", got)
	}
}

func TestStrings(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{KindGiveUp.String(), "give-up"},
		{Kind(200).String(), "kind-200"},
		{ClassReentrantLock.String(), "reentrant-lock"},
		{Class(99).String(), "class-99"},
		{ReasonTimedOut.String(), "timed out"},
		{Reason(-1).String(), "reason -1"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
	for k := range kinds {
		var back Kind
		if text, err := k.MarshalText(); err != nil || back.UnmarshalText(text) != nil || back != k || len(text) == 0 {
			t.Errorf("kind %d is %q, which is %d, %v", k, text, back, err)
		}
	}
	for c := range classes {
		var back Class
		if text, err := c.MarshalText(); err != nil || back.UnmarshalText(text) != nil || back != c || len(text) == 0 {
			t.Errorf("class %d is %q, which is %d, %v", c, text, back, err)
		}
	}
}

func BenchmarkEmit(b *testing.B) {
	rec := NewRecorder(1 << 16)
	if err := Start(rec); err != nil {
		b.Fatal(err)
	}
	defer Stop()
	var o Object
	o.Define(ClassSemaphore, 1, nil)
	for _, ev := range []Event{{Kind: KindAcquire, N: 1}, {Kind: KindUnblock, G: 2, Peer: 1}} {
		b.Run(ev.Kind.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				o.Emit(ev)
			}
		})
	}
}
