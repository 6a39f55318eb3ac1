package tracefile

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"testing/synctest"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

func event(seq uint64, k trace.Kind) trace.Event {
	return trace.Event{Seq: seq, Time: int64(seq) * 10, Kind: k, G: 1}
}

func TestWriter(t *testing.T) {
	var file bytes.Buffer
	f := NewWriter(&file)
	var want []trace.Event
	for i := range uint64(3000) {
		want = append(want, event(i+1, trace.KindLog))
		f.Event(want[i])
	}
	for range 2 {
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Read(t.Context(), &file)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%d events, %v; want %d", len(got), err, len(want))
	}
	if n := f.Lost(); n != 0 {
		t.Errorf("%d lost", n)
	}
}

// What was recorded is in the file before Close: a program may be killed.
func TestWriterFlushes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var file bytes.Buffer
		f := NewWriter(&file)
		for i := range uint64(3) {
			f.Event(event(i+1, trace.KindLog))
			synctest.Wait()
			if got, err := Read(t.Context(), bytes.NewReader(file.Bytes())); err != nil || len(got) != int(i)+1 {
				t.Errorf("%d events in the file, %v; want %d", len(got), err, i+1)
			}
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A gate is a writer that waits until it is opened, once the header has passed.
type gate struct {
	bytes.Buffer
	waits chan struct{}
	open  chan struct{}
}

func (g *gate) Write(p []byte) (int, error) {
	if g.Len() > 0 {
		select {
		case g.waits <- struct{}{}:
		default:
		}
		<-g.open
	}
	return g.Buffer.Write(p)
}

func TestWriterCountsLoss(t *testing.T) {
	g := &gate{waits: make(chan struct{}, 1), open: make(chan struct{})}
	f := NewWriter(g)
	f.Event(event(1, trace.KindLog))
	<-g.waits // the writer has taken that one, and hangs
	const more = 10
	for i := range uint64(fileBuffer + more) {
		f.Event(event(i+2, trace.KindLog))
	}
	close(g.open)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := Read(t.Context(), &g.Buffer)
	if err != nil || len(got) != fileBuffer+2 || got[1].Kind != trace.KindDropped || got[1].N != more || f.Lost() != more {
		t.Errorf("%d events, the second %+v, %d lost, %v", len(got), got[1], f.Lost(), err)
	}
}

type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

var errFull = errors.New("disk full")

func TestWriteErrors(t *testing.T) {
	for _, room := range []int{0, len(head), 100_000} {
		f := NewWriter(&full{room})
		events := make([]trace.Event, 10_000)
		for i := range events {
			events[i] = event(uint64(i+1), trace.KindLog)
			f.Event(events[i])
		}
		want := fmt.Sprint("tracefile: ", errFull)
		if err := f.Close(); !errors.Is(err, errFull) || err.Error() != want {
			t.Errorf("Close with room for %d bytes: %v", room, err)
		}
		if err := Write(&full{room}, events); !errors.Is(err, errFull) || err.Error() != want {
			t.Errorf("Write with room for %d bytes: %v", room, err)
		}
	}
}

// An Encoder writes what Write does, and tells of the first event that cannot be written.
func TestEncoder(t *testing.T) {
	events := []trace.Event{{Seq: 1, Kind: trace.KindBegin, N: 5}, {Seq: 2, Kind: trace.KindLog, G: 1, Text: "\"hello\""}}
	var whole, bit bytes.Buffer
	if err := Write(&whole, events); err != nil {
		t.Fatal(err)
	}
	enc := NewEncoder(&bit)
	for i := range events {
		if err := enc.Encode(&events[i]); err != nil {
			t.Fatal(err)
		}
	}
	if bit.String() != whole.String() {
		t.Errorf("it writes\n%s, not\n%s", &bit, &whole)
	}
	full := errors.New("full")
	if err := NewEncoder(failing{full}).Encode(&events[0]); !errors.Is(err, full) {
		t.Error(err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
