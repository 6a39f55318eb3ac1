package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
)

// A terminal runs the program, and is what a person would have before them.
type terminal struct {
	t      *testing.T
	master *os.File
	cmd    *exec.Cmd
	wide   int
	before *term.State
	seen   strings.Builder // all of the output
	since  int             // what was seen before the last await
}

func ioctl(t *testing.T, f *os.File, request uintptr, arg unsafe.Pointer) {
	t.Helper()
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), request, uintptr(arg)); errno != 0 {
		t.Fatalf("%s: ioctl %#x: %v", f.Name(), request, errno)
	}
}

// openTerminal returns both ends of a new pseudo-terminal.
func openTerminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	fd, err := syscall.Open("/dev/ptmx", syscall.O_RDWR|syscall.O_NOCTTY|syscall.O_CLOEXEC|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	master = os.NewFile(uintptr(fd), "/dev/ptmx") // non-blocking, so that reads may have deadlines
	var locked, number int32
	for request, arg := range map[uintptr]*int32{syscall.TIOCSPTLCK: &locked, syscall.TIOCGPTN: &number} {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), request, uintptr(unsafe.Pointer(arg))); errno != 0 {
			t.Fatal(errno)
		}
	}
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = master.Close(), slave.Close() })
	return master, slave
}

// inTerminal starts binary in a terminal of 100 × 30.
func inTerminal(t *testing.T, binary string, args ...string) *terminal {
	t.Helper()
	master, slave := openTerminal(t)
	x := &terminal{t: t, master: master, cmd: exec.CommandContext(t.Context(), binary, args...), wide: 100}
	x.resize(slave)
	var err error
	if x.before, err = term.GetState(slave.Fd()); err != nil {
		t.Fatal(err)
	}
	x.cmd.Stdin, x.cmd.Stdout, x.cmd.Stderr = slave, slave, slave
	x.cmd.Env = append(os.Environ(), "TERM=xterm-256color")
	x.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := x.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		after, err := term.GetState(slave.Fd())
		if err != nil || !reflect.DeepEqual(x.before, after) {
			t.Errorf("the terminal was left in another state than it was found in (%v)", err)
		}
	})
	return x
}

func (x *terminal) resize(f *os.File) {
	size := [4]uint16{30, uint16(x.wide)}
	ioctl(x.t, f, syscall.TIOCSWINSZ, unsafe.Pointer(&size))
}

// read reads on for a moment, and reports whether there was something.
func (x *terminal) read() bool {
	buf := make([]byte, 1<<16)
	_ = x.master.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	n, err := x.master.Read(buf)
	x.seen.Write(buf[:n])
	return err == nil
}

// await reads until all of words have been written since the last await. What is on the screen already is written again
// when the size changes.
func (x *terminal) await(words ...string) {
	x.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; {
		missing := words[:0:0]
		text := ansi.Strip(x.seen.String()[x.since:])
		for _, w := range words {
			if !strings.Contains(text, w) {
				missing = append(missing, w)
			}
		}
		switch {
		case len(missing) == 0:
			x.since = x.seen.Len()
			return
		case time.Now().After(deadline):
			x.t.Fatalf("%q is not on the screen; written was\n%s", missing, text)
		}
		if !x.read() {
			x.wide = 100 + (x.wide+1)%2
			x.resize(x.master)
		}
	}
}

func (x *terminal) press(keys string) {
	x.t.Helper()
	if _, err := x.master.WriteString(keys); err != nil {
		x.t.Fatal(err)
	}
}

// wait reads to the end, and returns the exit code. The alternate screen must have been left, with a cursor.
func (x *terminal) wait() int {
	x.t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- x.cmd.Wait() }()
	for over := false; !over; {
		select {
		case err := <-ended:
			if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
				x.t.Fatal(err)
			}
			over = true
		default:
			x.read()
		}
	}
	for x.read() {
	}
	out := x.seen.String()
	if strings.LastIndex(out, "\x1b[?1049l") < strings.LastIndex(out, "\x1b[?1049h") || strings.LastIndex(out, "\x1b[?25h") < strings.LastIndex(out, "\x1b[?25l") {
		x.t.Error("the screen was not given back")
	}
	return x.cmd.ProcessState.ExitCode()
}

// The whole program as a person uses it: the browser, a parameter, a scenario that really runs, a step back, and out.
func TestTerminal(t *testing.T) {
	x := inTerminal(t, build(t))
	x.await("scenarios", "Workers meet", "Parameters")
	x.press("\t\x7f2")
	x.await("how many meet", "esc back")
	x.press("\r")
	x.await("Barrier", "of 2", "the invariant held", "finished")
	x.press("\x1b[D") // one event back
	x.await("paused")
	x.press("\x1b[H\x1b[C\x1b[C\x1b[C\x1b[C") // to the first event, and some forth
	x.await("paused", "of 2 has arrived", "missing")
	x.press("q")
	x.await("scenarios", "Workers meet", "enter runs it")
	x.press("q")
	if code := x.wait(); code != held {
		t.Errorf("exit code %d", code)
	}
}

// However it ends, the terminal is as it was before, and the recording can be played.
func TestTerminalIsRestored(t *testing.T) {
	binary := build(t)
	for name, end := range map[string]struct {
		act  func(*terminal)
		code int
	}{
		"ctrl+c":    {func(x *terminal) { x.press("\x03") }, held},
		"interrupt": {func(x *terminal) { _ = x.cmd.Process.Signal(syscall.SIGINT) }, signalled + int(syscall.SIGINT)},
		"terminate": {func(x *terminal) { _ = x.cmd.Process.Signal(syscall.SIGTERM) }, signalled + int(syscall.SIGTERM)},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "x.jsonl")
			x := inTerminal(t, binary, "run", "barrier", "--pace", "10", "--record", file)
			x.await("live", "worker-3")
			end.act(x)
			if code := x.wait(); code != end.code {
				t.Errorf("exit code %d, want %d", code, end.code)
			}
			played, code := output(t, exec.CommandContext(t.Context(), binary, "play", file))
			if code != held || !strings.Contains(played, "worker-3") || !strings.Contains(played, "the trace ends") {
				t.Errorf("the recording played with exit code %d:\n%s", code, played)
			}
		})
	}
}
