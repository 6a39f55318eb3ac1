//go:build !windows

package screen

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/charmbracelet/x/term"

	"github.com/turnstile-go/turnstile/internal/safetext"
)

// A panic in a goroutine of a scenario, or a fatal error of the runtime, ends the process before it can restore the terminal.
// So while the UI is drawing, a second process, the guard, waits for the first to end.

// guardVariable is the environment variable that makes the program a guard.
const guardVariable = "TURNSTILE_GUARD"

// guard starts the guard, and returns a function that ends it. If the guard cannot be started, the program runs without one.
func (s *Screen) guard() (end func()) {
	none := func() {}
	path, err := os.Executable()
	if err != nil || s.before == nil {
		return none
	}
	news, report, err := os.Pipe()
	if err != nil {
		return none
	}
	defer news.Close()
	ready, readied, err := os.Pipe()
	if err != nil {
		_ = report.Close()
		return none
	}
	defer ready.Close()
	cmd := exec.Command(path) //nolint:gosec,noctx // it is this program; dismiss ends it
	cmd.Env = append(os.Environ(), guardVariable+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.ExtraFiles = []*os.File{news, readied}
	err = cmd.Start()
	_ = readied.Close()
	if err != nil {
		_ = report.Close()
		return none
	}
	_, _ = ready.Read(make([]byte, 1)) // it has read the state of the terminal
	_ = debug.SetCrashOutput(report, debug.CrashOptions{})
	s.guarded.Store(report)
	return func() {
		_ = debug.SetCrashOutput(nil, debug.CrashOptions{})
		s.dismiss()
		_ = cmd.Wait()
	}
}

// BeGuard reports whether this process is a guard. If it is, BeGuard has waited for the process that started it to end and,
// if that process crashed, has restored the terminal and printed the crash.
func BeGuard() bool {
	if os.Getenv(guardVariable) == "" {
		return false
	}
	signal.Ignore(append(endSignals, syscall.SIGTTOU)...) // another program may be using the terminal already
	s := Find()
	s.taken.Store(true)
	news := os.NewFile(3, "news")
	_ = os.NewFile(4, "ready").Close()
	if s.before == nil || news == nil {
		return true
	}
	first := make([]byte, 1)
	if n, _ := news.Read(first); n == 1 && string(first) == orderly {
		return true
	}
	_ = term.Restore(os.Stdin.Fd(), s.before) // before another program reads from it
	text, _ := io.ReadAll(news)
	text = append(bytes.TrimLeft(first, orderly), text...)
	s.giveBack()
	if term.IsTerminal(os.Stderr.Fd()) { // what was printed there disappeared with the screen of the UI
		_, _ = os.Stderr.WriteString(safetext.Lines(string(text)))
	}
	return true
}
