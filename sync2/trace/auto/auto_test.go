package auto

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
)

// The test binary is also the program that is traced: it does what its first argument says.
func TestMain(m *testing.M) {
	if len(os.Args) < 2 || !strings.HasPrefix(os.Args[1], "as=") {
		os.Exit(m.Run())
	}
	fmt.Println(os.Getenv(variable)) // it is not passed on
	var gate sync2.Event
	switch os.Args[1] {
	case "as=stops":
		gate.Set()
		trace.Stop()
	case "as=waits": // until its standard input is closed
		for {
			if _, err := os.Stdin.Read(make([]byte, 1)); err != nil {
				break
			}
			gate.Set()
			gate.Clear()
		}
	case "as=floods": // ends although its output is not read
		for range 60_000 {
			gate.Set()
			gate.Clear()
		}
	}
}

func program(t *testing.T, where, as string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, "as="+as)
	cmd.Env = append(os.Environ(), variable+"="+where)
	return cmd
}

func TestFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x.jsonl")
	for range 2 { // the second replaces the first
		out, err := program(t, name, "stops").CombinedOutput()
		if err != nil || string(out) != "\n" {
			t.Fatalf("%v\n%s", err, out)
		}
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		events, err := tracefile.Read(t.Context(), f)
		f.Close()
		if err != nil || events[0].Kind != trace.KindBegin || events[len(events)-1].Kind != trace.KindEnd || !has(events, trace.KindSet) {
			t.Errorf("%v\n%v", err, events)
		}
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has the mode %v, %v", info.Mode(), err)
	}
	out, err := program(t, filepath.Join(t.TempDir(), "no", "such"), "stops").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "turnstile: TURNSTILE_TRACE: open ") {
		t.Errorf("where the file cannot be made: %v\n%s", err, out)
	}
}

func has(events []trace.Event, k trace.Kind) bool {
	for i := range events {
		if events[i].Kind == k {
			return true
		}
	}
	return false
}

// A listener sees the program from its beginning, can leave, and can come again.
func TestSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	cmd := program(t, "unix:"+path, "waits")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		conn := accept(t, l, in)
		r, err := tracefile.NewReader(conn)
		if err != nil {
			t.Fatal(err)
		}
		await(t, r, trace.KindBegin) // what happens before that is in no trace
		touch(t, in)
		await(t, r, trace.KindSet)
		conn.Close()
		accept(t, l, in).Close()
	}
	in.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// accept accepts a connection of the program. It makes the program do something again and again until then, since the
// program notices that a listener has left only when it next writes an event; it connects again within a second.
func accept(t *testing.T, l net.Listener, in io.Writer) net.Conn {
	t.Helper()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				touch(t, in)
			}
		}
	}()
	conn, err := l.Accept()
	close(stop)
	<-stopped
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// touch makes the program do something.
func touch(t *testing.T, in io.Writer) {
	if _, err := in.Write([]byte{1}); err != nil {
		t.Error(err)
	}
}

func await(t *testing.T, r *tracefile.Reader, k trace.Kind) {
	t.Helper()
	for {
		ev, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if ev.Kind == k {
			return
		}
	}
}

// A viewer that reads nothing does not hold up the program.
func TestSlowViewer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if out, err := program(t, "unix:"+path, "floods").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// Without a listener, the program runs as usual.
func TestNobody(t *testing.T) {
	cmd := program(t, "unix:"+filepath.Join(t.TempDir(), "s"), "stops")
	if out, err := cmd.CombinedOutput(); err != nil || string(out) != "\n" {
		t.Errorf("%v\n%s", err, out)
	}
	if ctx := t.Context(); errors.Is(ctx.Err(), context.Canceled) {
		t.Error("it took too long")
	}
}
