package timeline

import (
	"fmt"
	"testing"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A State does not grow with goroutines that have ended or gone silent; what it still knows is the same as if it had
// forgotten nothing, whatever checkpoints keep of it.
func TestStateForgets(t *testing.T) {
	s := new(State)
	var copied *State
	seq := uint64(0)
	send := func(ev trace.Event) {
		t.Helper()
		seq++
		ev.Seq, ev.Time = seq, int64(seq)
		if err := s.Apply(ev); err != nil {
			t.Fatal(err)
		}
		if copied != nil {
			_ = copied.Apply(ev)
		}
	}
	send(trace.Event{Kind: trace.KindBegin})
	send(trace.Event{Kind: trace.KindDefineG, G: 1, Text: "main"})
	send(trace.Event{Kind: trace.KindDefineG, G: 2, Text: "long", Peer: 1})
	send(trace.Event{Kind: trace.KindDefineG, G: 3, Text: "goroutine-3"})
	send(trace.Event{Kind: trace.KindDefineObj, Obj: 1, Class: trace.ClassMutex, Text: "lock"})
	send(trace.Event{Kind: trace.KindDefineObj, Obj: 2, Class: trace.ClassQueue, Text: "orders"})
	send(trace.Event{Kind: trace.KindAcquire, Obj: 1, G: 2, N: 1})
	send(trace.Event{Kind: trace.KindBlock, Obj: 1, G: 3, N: 1, Text: "Lock"})
	send(trace.Event{Kind: trace.KindDefineG, G: 4, Text: "putter"})
	send(trace.Event{Kind: trace.KindPut, Obj: 2, G: 4, N: 1})
	send(trace.Event{Kind: trace.KindExit, G: 4}) // its item stays
	const n = 100_000
	most := 0
	for i := range int64(n) {
		if i == n/2 {
			copied = s.Clone()
		}
		named, plain, handle := 10+2*i, 11+2*i, trace.ID(10+i)
		send(trace.Event{Kind: trace.KindDefineG, G: named, Text: fmt.Sprintf("worker-%d", i), Peer: 1})
		send(trace.Event{Kind: trace.KindSpawn, G: 1, Peer: named})
		send(trace.Event{Kind: trace.KindDefineObj, Obj: handle, Class: trace.ClassGoroutine, N: named, Text: "worker"})
		send(trace.Event{Kind: trace.KindExit, G: named, Obj: handle})
		send(trace.Event{Kind: trace.KindDefineG, G: plain, Text: fmt.Sprintf("goroutine-%d", plain)})
		send(trace.Event{Kind: trace.KindTryFail, G: plain, Obj: 1, N: 1})
		if i%1000 == 0 {
			most = max(most, s.weight())
		}
	}
	if most > 20*maxPast {
		t.Errorf("of %d goroutines it kept up to %d things at once", 2*n, most)
	}
	if !s.Equal(copied) {
		t.Error("a copy has forgotten others")
	}
	for id, want := range map[int64]string{1: "main", 2: "long", 3: "goroutine-3", 4: "putter", 8 + 2*n: fmt.Sprintf("worker-%d", n-1)} {
		if g := s.Goroutine(id); g == nil || g.Name != want || g.ID != id {
			t.Errorf("goroutine %d is %+v, want %s", id, g, want)
		}
	}
	if o := s.Object(9 + n); o == nil || o.Of != 8+2*n {
		t.Errorf("the handle of the last is %+v", o)
	}
	if s.Goroutine(10) != nil || s.Object(10) != nil {
		t.Error("the first is still known")
	}
	if o := s.Object(1); o.Owner != 2 || len(o.Queue) != 1 || o.Tries != n {
		t.Errorf("lock: %+v", o)
	}
}

// A State does not grow with settled futures, nor with groups whose waits are over.
func TestStateForgetsFutures(t *testing.T) {
	s, v := new(State), trace.NewValidator()
	seq := uint64(0)
	send := func(ev trace.Event) {
		t.Helper()
		seq++
		ev.Seq, ev.Time = seq, int64(seq)
		if err := s.Apply(ev); err != nil {
			t.Fatal(err)
		}
		if err := v.Event(ev); err != nil {
			t.Fatal(err)
		}
	}
	send(trace.Event{Kind: trace.KindBegin})
	send(trace.Event{Kind: trace.KindDefineG, G: 1, Text: "main"})
	send(trace.Event{Kind: trace.KindDefineG, G: 2, Text: "waiter"})
	send(trace.Event{Kind: trace.KindDefineObj, Obj: 1, Class: trace.ClassFuture, N: 1, Text: "pending"})
	send(trace.Event{Kind: trace.KindDefineObj, Obj: 2, Class: trace.ClassFuture, N: 1, Text: "early"})
	send(trace.Event{Kind: trace.KindDefineObj, Obj: 3, Class: trace.ClassGroup, N: 2, Text: "WaitAll"})
	send(trace.Event{Kind: trace.KindWatch, G: 2, Obj: 1, Peer: 3, N: 1})
	send(trace.Event{Kind: trace.KindWatch, G: 2, Obj: 2, Peer: 3, N: 1})
	send(trace.Event{Kind: trace.KindBlock, G: 2, Obj: 3, N: 1, Text: "WaitAll"})
	send(trace.Event{Kind: trace.KindSettle, G: 1, Obj: 2, N: 3, Text: "7"}) // it is in a live group
	const n = 20_000
	for i := range trace.ID(n) {
		f, g := 10+2*i, 11+2*i
		send(trace.Event{Kind: trace.KindDefineObj, Obj: f, Class: trace.ClassFuture, N: 1, Text: fmt.Sprintf("future-%d", i)})
		send(trace.Event{Kind: trace.KindDefineObj, Obj: g, Class: trace.ClassGroup, N: 1, Text: "WaitAny"})
		send(trace.Event{Kind: trace.KindWatch, G: 1, Obj: f, Peer: int64(g), N: 1})
		send(trace.Event{Kind: trace.KindSettle, G: 1, Obj: f, N: 3, Text: "nil"})
		send(trace.Event{Kind: trace.KindForget, G: 1, Obj: g})
		if i > 0 { // a goroutine comes back to the one before
			send(trace.Event{Kind: trace.KindDefineObj, Obj: f - 2, Class: trace.ClassFuture, N: 3, Text: "future"})
			send(trace.Event{Kind: trace.KindPass, G: 1, Obj: f - 2, Text: "Result"})
		}
	}
	if len(s.Objects()) > 6*maxPast {
		t.Errorf("of %d futures and as many groups it keeps %d", n, len(s.Objects()))
	}
	if o := s.Object(2); o == nil || o.Progress != ProgressSucceeded || o.Result != "7" {
		t.Errorf("a member of a group that goes on is %+v", o)
	}
	if o := s.Object(1); o == nil || o.Progress != ProgressPending {
		t.Errorf("the future that is not settled is %+v", o)
	}
	if s.Settled(3) != 1 {
		t.Errorf("%d of the group are settled", s.Settled(3))
	}
	if s.Object(10) != nil || s.Object(11) != nil {
		t.Error("the first are still known")
	}
}
