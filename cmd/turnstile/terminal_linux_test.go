package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/cache"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/interruptible"
	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/screen"
	"github.com/turnstile-go/turnstile/sync2"
)

// A terminal runs the program in a pseudo-terminal, as a user would.
type terminal struct {
	t      *testing.T
	master *os.File
	cmd    *exec.Cmd
	wide   int
	before *term.State
	seen   strings.Builder // all of the output
	since  int             // output seen before the last await
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
	x.cmd.Env = append(os.Environ(), "TERM=xterm-256color", "XDG_STATE_HOME="+t.TempDir(), "XDG_CONFIG_HOME="+t.TempDir())
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

// read reads for a moment, and reports whether there was output.
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
	for deadline := time.Now().Add(stepTime); ; {
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

// The whole program as a user sees it: the browser, a parameter, a live scenario, a step back, and quit.
func TestTerminal(t *testing.T) {
	x := inTerminal(t, build(t))
	x.await("scenarios", "Start here", "Workers meet", "Parameters")
	x.press("\x1b[B") // the second of those to start with
	x.await("of arrival")
	x.press("\t\x7f2")
	x.await("number of workers that meet", "esc back")
	x.press("\r")
	x.await("Barrier", "of 2", "the invariant held", "finished")
	x.press("\x1b[D") // one event back
	x.await("paused")
	x.press("\x1b[H\x1b[C\x1b[C\x1b[C\x1b[C") // to the first event, and some forth
	x.await("paused", "of 2 has arrived", "missing")
	x.press("q")
	x.await("scenarios", "Workers meet", "enter runs it")
	x.press("q")
	if code := x.wait(); code != exit.OK {
		t.Errorf("exit code %d", code)
	}
}

// Ctrl-C leaves the player, and the recording can be played.
func TestTerminalControlC(t *testing.T) {
	binary := build(t)
	file := filepath.Join(t.TempDir(), "x.jsonl")
	x := inTerminal(t, binary, "run", "barrier", "--pace", "10", "--record", file)
	x.await("live", "worker-3")
	x.press("\x03")
	if code := x.wait(); code != exit.OK {
		t.Errorf("exit code %d", code)
	}
	played, code := output(t, exec.CommandContext(t.Context(), binary, "play", file))
	if code != exit.OK || !strings.Contains(played, "worker-3") || !strings.Contains(played, "the trace ends") {
		t.Errorf("the recording played with exit code %d:\n%s", code, played)
	}
}

// While tests are built, the last line of the terminal says so. Nothing of it stays.
func TestTerminalBuilding(t *testing.T) {
	binary := build(t) // also makes the directory of the cache
	kept, err := testCache()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(cache.Variable, kept)
	x := inTerminal(t, binary, "test", "-C="+module(t, "plain"), "-run=Pass", "-count=1", ".")
	x.await("building the tests (the first time also the standard library)")
	if code := x.wait(); code != exit.OK {
		t.Errorf("exit code %d", code)
	}
	said := x.seen.String()
	for _, line := range regexp.MustCompile(`\r?\n`).Split(said, -1) {
		if i := strings.LastIndex(line, "building"); i >= 0 && !strings.Contains(line[i:], "\r\x1b[K") {
			t.Errorf("it stays on the terminal: %q", line)
		}
	}
	if !strings.Contains(said, "turnstile: 1 test: ") {
		t.Errorf("it printed\n%s", said)
	}
}

// signals are the signals that end programs.
var signals = []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT}

// Each signal ends each command at once, with the signal's exit code, and restores the terminal.
func TestSignals(t *testing.T) {
	binary := build(t)
	dir := t.TempDir()
	recording, long := filepath.Join(dir, "x.jsonl"), filepath.Join(dir, "long.jsonl")
	if err := os.WriteFile(recording, []byte(in{}.do(t, "run counter --pace 0 --format json").out), 0o600); err != nil {
		t.Fatal(err)
	}
	writeLong(t, long)
	_, after, _ := strings.Cut(in{}.do(t, "check abba-deadlock").out, "turnstile replay ")
	token, _, ok := strings.Cut(after, " ")
	if !ok {
		t.Fatal("no token")
	}
	for _, test := range []struct {
		line  string
		until []string // seen before the signal; none: until it has opened the pipe
	}{
		{"", []string{"scenarios", "Workers meet"}},
		{"run barrier --pace 10", []string{"live", "worker-3"}},
		{"run barrier --pace 10 --format text", []string{"worker-3"}},
		{"run barrier --pace 10 --format json", []string{"worker-3"}},
		{"run livelock --pace 1 --format text", []string{"after you!"}},
		{"play RECORDING", []string{"counter-lock", "ended"}},
		{"play PIPE", nil},
		{"play LONG --format text", []string{"event 100"}},
		{"replay TOKEN", []string{"ann", "deadlock"}},
		{"export PIPE", nil},
		{"export LONG --format asciicast", []string{"event 10"}},
		{"export LONG --format asciicast -o PIPE", nil},
		{"check philosophers-order --budget 100000000 --strategy random", []string{"schedules"}},
		{"suite barrier --rounds 100000", []string{"barrier"}},
	} {
		for _, s := range signals {
			t.Run(test.line+" "+s.String(), func(t *testing.T) {
				t.Parallel()
				pipe := filepath.Join(t.TempDir(), "pipe")
				if err := syscall.Mkfifo(pipe, 0o600); err != nil {
					t.Fatal(err)
				}
				line := strings.NewReplacer("RECORDING", recording, "LONG", long, "PIPE", pipe, "TOKEN", token).Replace(test.line)
				x := inTerminal(t, binary, strings.Fields(line)...)
				if test.until == nil {
					defer syscall.Close(x.open(pipe))
				} else {
					x.await(test.until...)
				}
				if err := x.cmd.Process.Signal(s); err != nil {
					t.Fatal(err)
				}
				sent := time.Now()
				if code := x.wait(); code != exit.Signaled+int(s) {
					t.Errorf("exit code %d, want %d", code, exit.Signaled+int(s))
				}
				if took := time.Since(sent); took > time.Minute {
					t.Errorf("it took %v", took)
				}
				said := ansi.Strip(x.seen.String())
				if !strings.Contains(said, "turnstile: stopped: "+s.String()) {
					t.Errorf("it said\n%s", said)
				}
				if stacks := strings.Contains(said, "goroutine 1 ["); stacks != (s == syscall.SIGQUIT) {
					t.Errorf("%v, and stacks were printed: %t", s, stacks)
				}
			})
		}
	}
}

// open opens the other end of a named pipe once the program has opened its own.
func (x *terminal) open(pipe string) (end int) {
	x.t.Helper()
	for deadline := time.Now().Add(stepTime); time.Now().Before(deadline); x.read() {
		// With O_NONBLOCK, it cannot be opened for writing without a reader, and without a writer the reader is at
		// the end at once.
		if fd, err := syscall.Open(pipe, syscall.O_WRONLY|syscall.O_NONBLOCK, 0); err == nil {
			return fd
		}
		fd, err := syscall.Open(pipe, syscall.O_RDONLY|syscall.O_NONBLOCK, 0)
		if err != nil {
			x.t.Fatal(err)
		}
		if n, err := syscall.Read(fd, make([]byte, 1)); n > 0 || errors.Is(err, syscall.EAGAIN) {
			return fd
		}
		_ = syscall.Close(fd)
	}
	x.t.Fatal("the pipe was not opened")
	return -1
}

// writeLong writes a trace that takes long to be shown, printed or drawn.
func writeLong(t *testing.T, name string) {
	t.Helper()
	var b strings.Builder
	b.WriteString(`{"format":"turnstile-trace","version":1}` + "\n")
	for i := range 100_000 {
		fmt.Fprintf(&b, `{"seq":%d,"t":%d,"kind":"log","g":1,"text":"event %d"}`+"\n", i+1, i*1_000_000_000, i+1)
	}
	if err := os.WriteFile(name, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

func init() { stuck = beStuck }

func beStuck(how string) int {
	s := screen.Find()
	return s.UntilSignal(func(ctx context.Context) int {
		s.Take()
		if _, err := term.MakeRaw(os.Stdin.Fd()); err != nil {
			panic(err)
		}
		_, _ = os.Stdout.WriteString("\x1b[?1049h\x1b[?25l\x1b[?1002h" + "it is stuck")
		no := func() (int, error) { panic("no \x1b[2J way out") }
		switch how {
		case "panic":
			_, _ = no()
		case "panic elsewhere":
			_, _ = interruptible.Call(ctx, no)
		case "crash":
			sync2.Go("crasher", func() { _, _ = no() })
		case "die":
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
		select {}
	})
}

// The terminal is restored even if the program does not end by itself.
func TestAbandoned(t *testing.T) {
	for _, s := range signals {
		t.Run(s.String(), func(t *testing.T) {
			t.Setenv(stuckVariable, "signal")
			x := inTerminal(t, os.Args[0])
			x.await("stuck")
			_ = x.cmd.Process.Signal(s)
			if code := x.wait(); code != exit.Signaled+int(s) || !strings.Contains(x.seen.String(), "turnstile: stopped: "+s.String()) {
				t.Errorf("exit code %d\n%s", code, x.seen.String())
			}
		})
	}
	for _, how := range []string{"panic", "panic elsewhere"} {
		t.Run(how, func(t *testing.T) {
			t.Setenv(stuckVariable, how)
			x := inTerminal(t, os.Args[0])
			code := x.wait()
			if said := x.seen.String(); code != exit.Trouble || !strings.Contains(said, "\x1b[?1002l") || !strings.Contains(said, `turnstile: panic: no \x1b[2J way out`) || !strings.Contains(said, "terminal_linux_test.go:") {
				t.Errorf("exit code %d\n%s", code, said)
			}
		})
	}
}

// A panic in any goroutine ends the process, and so does a SIGKILL. The terminal is given back even then, and it can be
// read why.
func TestCrash(t *testing.T) {
	for how, want := range map[string]struct {
		code int
		said string
	}{"crash": {2, `panic: no \x1b[2J way out`}, "die": {-1, ""}} {
		t.Run(how, func(t *testing.T) {
			t.Setenv(stuckVariable, how)
			x := inTerminal(t, os.Args[0])
			over := func() (after string, ok bool) {
				_, after, ok = strings.Cut(x.seen.String(), "\x1b[?1049l")
				return after, ok && strings.Contains(after, "\x1b[?25h") && strings.Contains(after, want.said)
			}
			for deadline := time.Now().Add(stepTime); time.Now().Before(deadline); x.read() {
				if _, ok := over(); ok {
					break
				}
			}
			if code := x.wait(); code != want.code {
				t.Errorf("exit code %d", code)
			}
			after, ok := over()
			if said := strings.Count(after, "no "); !ok || said != strings.Count(want.said, "no ") || strings.Contains(after, "\x1b[2J") {
				t.Errorf("it wrote\n%q\nand after it had given back the screen\n%q", x.seen.String(), after)
			}
		})
	}
}

// A signal that is ignored when the program begins, as by nohup, stays ignored.
func TestIgnoredSignal(t *testing.T) {
	binary := build(t)
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `trap "" HUP; exec "$0" run barrier --pace 10`, binary)
	rest, errs := begin(t, cmd)
	_ = cmd.Process.Signal(syscall.SIGHUP)
	_ = cmd.Process.Signal(syscall.SIGTERM)
	_, _ = io.Copy(io.Discard, rest)
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exit.Signaled+int(syscall.SIGTERM) {
		t.Errorf("exit code %d\n%s", code, errs)
	}
}
