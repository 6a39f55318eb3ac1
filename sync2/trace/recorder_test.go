package trace

import (
	"slices"
	"testing"
)

func event(seq uint64, k Kind) Event { return Event{Seq: seq, Time: int64(seq) * 10, Kind: k, G: 1} }

// fill sends events with the given kinds, numbered from 1.
func fill(r *Recorder, kinds ...Kind) {
	for _, k := range kinds {
		r.Event(event(r.head+1, k))
	}
}

// seqs returns the Seq of each event, that of a Dropped followed by minus its N.
func seqs(events []Event) []int64 {
	var s []int64
	for _, ev := range events {
		s = append(s, int64(ev.Seq))
		if ev.Kind == KindDropped {
			s = append(s, -ev.N)
		}
	}
	return s
}

func TestRecorderKeeps(t *testing.T) {
	for _, c := range []struct {
		name  string
		size  int
		kinds []Kind
		want  []int64
	}{
		{"nothing", 4, nil, nil},
		{"less than full", 4, []Kind{KindBegin, KindLog}, []int64{1, 2}},
		{"just full", 4, []Kind{KindBegin, KindLog, KindLog, KindLog}, []int64{1, 2, 3, 4}},
		{"one lost", 3, []Kind{KindLog, KindLog, KindLog, KindLog}, []int64{1, -1, 2, 3, 4}},
		{"only definitions overwritten", 2, []Kind{KindBegin, KindDefineG, KindLog, KindLog}, []int64{1, 2, 3, 4}},
		{
			"definitions survive",
			2,
			[]Kind{KindBegin, KindLog, KindDefineG, KindLog, KindLog, KindDefineObj, KindRename, KindDefinePC, KindLog, KindLog},
			[]int64{1, 2, -1, 3, 5, -2, 6, 7, 8, 9, 10},
		},
		{"capacity 1", 1, []Kind{KindLog, KindDefineG, KindLog, KindLog}, []int64{1, -1, 2, 3, -1, 4}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := NewRecorder(c.size)
			fill(r, c.kinds...)
			for range 2 { // reading changes nothing
				if got := seqs(r.Events()); !slices.Equal(got, c.want) {
					t.Errorf("Events: %v, want %v", got, c.want)
				}
			}
			if got := seqs(r.Drain(nil)); !slices.Equal(got, c.want) {
				t.Errorf("Drain: %v, want %v", got, c.want)
			}
			if got := r.Drain(nil); len(got) != 0 {
				t.Errorf("second Drain: %v, want nothing", seqs(got))
			}
		})
	}
}

func TestRecorderDrainFollows(t *testing.T) {
	r := NewRecorder(4)
	step := func(want []int64, kinds ...Kind) {
		t.Helper()
		fill(r, kinds...)
		if got := seqs(r.Drain(nil)); !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
	step([]int64{1, 2, 3}, KindBegin, KindDefineG, KindLog)
	step([]int64{4, 5}, KindDefineObj, KindLog)
	// 6 and 8 to 10 are overwritten; definitions read before they were overwritten do not come again.
	step([]int64{6, -1, 7, 10, -3, 11, 12, 13, 14}, KindLog, KindDefineG, KindLog, KindLog, KindLog, KindLog, KindLog, KindLog, KindLog)
	step(nil)
	step([]int64{15}, KindLog)
}

func TestRecorderManyBatches(t *testing.T) {
	const n = 5*batch + 7
	r := NewRecorder(2 * n)
	for range n {
		fill(r, KindDefineG, KindLog)
	}
	if got := r.Events(); len(got) != 2*n || got[2*n-1].Seq != 2*n {
		t.Fatalf("%d events, want %d", len(got), 2*n)
	}
	for range n {
		fill(r, KindLog, KindLog)
	}
	got := r.Events()
	if len(got) != 2*n+2*n {
		t.Fatalf("%d events, want all definitions, a Dropped after each, and a full ring: %d", len(got), 4*n)
	}
	if d := got[2*n-1]; d.Kind != KindDropped || d.N != 1 || d.Seq != 2*n {
		t.Errorf("%+v, want a Dropped of 1", d)
	}
}

func TestRecorderWake(t *testing.T) {
	r := NewRecorder(8)
	woken := func() bool {
		select {
		case <-r.Wake():
			return true
		default:
			return false
		}
	}
	if woken() {
		t.Error("woken by nothing")
	}
	fill(r, KindLog, KindLog)
	if !woken() || woken() {
		t.Error("two events must wake once")
	}
	fill(r, KindLog)
	if woken() {
		t.Error("woken again before Drain")
	}
	if got := len(r.Drain(nil)); got != 3 {
		t.Errorf("drained %d, want 3", got)
	}
	if woken() {
		t.Error("woken after Drain by nothing new")
	}
	fill(r, KindLog)
	if !woken() {
		t.Error("not woken by what came after Drain")
	}

	c := r.drain
	_ = r.read(&c, nil)
	fill(r, KindLog) // while Drain is about to return
	r.drained(c)
	if !woken() {
		t.Error("not woken by what came during Drain")
	}

	late := NewRecorder(8)
	fill(late, KindLog)
	r = late
	if !woken() {
		t.Error("the first Wake must signal events that have already arrived")
	}
}

// The sink never waits for more than one batch to be copied.
func TestRecorderBatches(t *testing.T) {
	const n = 3 * batch
	r := NewRecorder(n)
	for range n {
		fill(r, KindDefineG)
	}
	for range n {
		fill(r, KindLog)
	}
	var c cursor
	for total := 0; total < 2*n; {
		got := len(r.readBatch(&c, nil, r.head))
		if total += got; got == 0 || got > 2*batch {
			t.Fatalf("%d at once", got)
		}
	}
}

func TestRecorderWhileRecording(t *testing.T) {
	const n = 200_000
	r := NewRecorder(512)
	go func() {
		for i := range uint64(n) {
			r.Event(event(i+1, KindLog))
		}
	}()
	var got, lost, last int64
	var buf []Event
	for range r.Wake() {
		buf = r.Drain(buf[:0])
		for _, ev := range buf {
			if ev.Kind == KindDropped {
				lost += ev.N
				if int64(ev.Seq) != last+ev.N {
					t.Fatalf("%d lost after event %d, but Seq is %d", ev.N, last, ev.Seq)
				}
			} else if got++; int64(ev.Seq) != last+1 {
				t.Fatalf("event %d after %d", ev.Seq, last)
			}
			last = int64(ev.Seq)
		}
		if last == n {
			break
		}
	}
	if got+lost != n {
		t.Errorf("%d read and %d lost, of %d", got, lost, n)
	}
}

func TestRecorderAllocatesNothing(t *testing.T) {
	r := NewRecorder(64)
	var buf []Event
	if n := testing.AllocsPerRun(1000, func() {
		for range 100 {
			r.Event(event(1, KindLog))
		}
		buf = r.Drain(buf[:0])
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestNewRecorderMisuse(t *testing.T) {
	defer func() {
		if v := recover(); v != "trace: NewRecorder: a capacity of 0 events; must be 1 or more" {
			t.Errorf("panic %v", v)
		}
	}()
	NewRecorder(0)
}

func BenchmarkRecorder(b *testing.B) {
	r := NewRecorder(1 << 16)
	ev := event(1, KindAcquire)
	b.ReportAllocs()
	for b.Loop() {
		r.Event(ev)
	}
}
