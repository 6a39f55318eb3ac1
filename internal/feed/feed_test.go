package feed

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// written returns a trace of n remarks.
func written(t *testing.T, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	events := []trace.Event{{Seq: 1, Kind: trace.KindBegin}}
	for i := range n {
		events = append(events, trace.Event{Seq: uint64(i) + 2, Kind: trace.KindLog, G: 1, Text: "remark"})
	}
	if err := tracefile.Write(&b, events); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(t *testing.T, src Source) *Feed {
	t.Helper()
	f, err := Open(t.Context(), src)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Stop)
	return f
}

// all drains f until it has n events, or ends.
func all(t *testing.T, f *Feed, n int) []trace.Event {
	t.Helper()
	var events []trace.Event
	for ended := false; !ended && len(events) < n; {
		select {
		case <-f.Ready():
		case <-f.Ended():
			ended = true
		case <-t.Context().Done():
			t.Fatal("the Feed does not end")
		}
		events = f.Drain(events)
	}
	return events
}

// Programs connect to a socket one after another, and everything they sent is read, however they end.
func TestSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	s, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket has the mode %v, %v", info.Mode(), err)
	}
	if _, err := Listen(path); err == nil || !strings.Contains(err.Error(), "already listens") {
		t.Errorf("a second listener gets %v", err)
	}
	for _, cut := range []int{0, 5} { // the second is killed in the middle of a line
		conn, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		text := written(t, 10)
		if _, err := conn.Write(text[:len(text)-cut]); err != nil {
			t.Fatal(err)
		}
		f := open(t, s)
		if got := len(all(t, f, 10)); got < 10 {
			t.Errorf("%d events", got)
		}
		conn.Close()
		<-f.Ended()
		if f.Err() != nil {
			t.Error(f.Err())
		}
	}
	off, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Next(off); !errors.Is(err, context.Canceled) { // a canceled wait leaves nothing for the next
		t.Error(err)
	}
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(written(t, 1)); err != nil {
		t.Fatal(err)
	}
	open(t, s).Stop()
	conn, err = net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(written(t, 1)); err != nil {
		t.Fatal(err)
	}
	s.End()
	open(t, s).Stop() // it connected before the end
	if _, err := Open(t.Context(), s); !errors.Is(err, io.EOF) {
		t.Errorf("after the end comes %v", err)
	}
	s.Close()
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Error("the socket is left there")
	}
}

// A stale socket is replaced, and nothing else is.
func TestSocketIsThere(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	s, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(file); err == nil || !strings.Contains(err.Error(), "not a socket") {
		t.Errorf("a file in its place: %v", err)
	}
	if _, err := Listen(filepath.Join(dir, "no", "s")); err == nil {
		t.Error("a socket was made in a directory that is not there")
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("the directory holds %v", left)
	}
}

func TestWaitingEnds(t *testing.T) {
	s, err := Listen(filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	for _, src := range []Source{s, Follow(filepath.Join(t.TempDir(), "nothing"))} {
		if _, err := Open(ctx, src); !errors.Is(err, why) {
			t.Errorf("%T: %v", src, err)
		}
	}
}

// A file is read while it grows, and again when another replaces it.
func TestFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x.jsonl")
	src := Follow(name)
	text := written(t, 10)
	half := len(text) / 2
	write := func(b []byte, flags int) {
		t.Helper()
		f, err := os.OpenFile(name, flags|os.O_CREATE|os.O_WRONLY, 0o600)
		if err == nil {
			_, err = f.Write(b)
		}
		if err != nil || f.Close() != nil {
			t.Fatal(err)
		}
	}
	write(text[:half], 0)
	f := open(t, src)
	got := all(t, f, 3)
	write(text[half:], os.O_APPEND)
	if got = append(got, all(t, f, 11-len(got))...); len(got) != 11 {
		t.Errorf("%d events", len(got))
	}
	for _, replace := range []func(){
		func() { write(written(t, 2), os.O_TRUNC) },
		func() { os.Remove(name); write(written(t, 20), 0) },
	} {
		replace()
		<-f.Ended()
		if f.Err() != nil {
			t.Error(f.Err())
		}
		f = open(t, src)
		if got := len(all(t, f, 3)); got < 3 {
			t.Errorf("%d events", got)
		}
	}
}

// Input that is not a trace is reported, and a Feed that is not drained holds up its stream instead of growing without
// bound.
func TestStreams(t *testing.T) {
	f := open(t, &One{Stream: Decode(io.NopCloser(strings.NewReader("hello\n")))})
	<-f.Ended()
	if !errors.Is(f.Err(), tracefile.ErrFormat) {
		t.Error(f.Err())
	}
	many := written(t, buffered+1000)
	f = open(t, &One{Stream: Decode(io.NopCloser(bytes.NewReader(many)))})
	<-f.Ready()
	if f.Done() {
		t.Error("it has read everything though it was not drained")
	}
	if got := len(all(t, f, 1<<30)); got != buffered+1001 {
		t.Errorf("%d events", got)
	}
	f = open(t, &One{Stream: Decode(io.NopCloser(bytes.NewReader(many)))})
	f.Stop() // also while it waits for room
	if f.Err() == nil {
		t.Error("a stopped Feed has no error")
	}
	one := &One{}
	if _, err := Open(t.Context(), one); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
}
