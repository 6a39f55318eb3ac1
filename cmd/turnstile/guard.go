//go:build !windows

package main

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

// A panic of a goroutine of a scenario ends the process, as do the fatal errors of the runtime, and nothing in it can give
// the terminal back then. So while the UI has the terminal a second process, the guard, waits for the end of the first.

// guardVariable is the environment variable that makes the program a guard.
const guardVariable = "TURNSTILE_GUARD"

// guard starts the guard of the terminal, and returns what ends it. Without one, since it could not be started, the program
// does as well, unless it crashes.
func (s *screen) guard() (end func()) {
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
	cmd := exec.Command(path) //nolint:gosec,noctx // it is this program; it is told when to end
	cmd.Env = append(os.Environ(), guardVariable+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.ExtraFiles = []*os.File{news, readied}
	err = cmd.Start()
	_ = readied.Close()
	if err != nil {
		_ = report.Close()
		return none
	}
	_, _ = ready.Read(make([]byte, 1)) // it knows how the terminal was
	_ = debug.SetCrashOutput(report, debug.CrashOptions{})
	s.guarded.Store(report)
	return func() {
		_ = debug.SetCrashOutput(nil, debug.CrashOptions{})
		s.dismiss()
		_ = cmd.Wait()
	}
}

// beGuard reports whether this process is a guard. If so, it has done its work: it has waited for the end of the process
// that started it and, unless that came to an orderly end, given back the terminal and said what went wrong.
func beGuard() bool {
	if os.Getenv(guardVariable) == "" {
		return false
	}
	signal.Ignore(append(endSignals, syscall.SIGTTOU)...) // the terminal may belong to the next already
	s := findScreen()
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
	_ = term.Restore(os.Stdin.Fd(), s.before) // at once, before the next reads from it
	text, _ := io.ReadAll(news)
	text = append(bytes.TrimLeft(first, orderly), text...)
	s.giveBack()
	if term.IsTerminal(os.Stderr.Fd()) { // what was written there has gone with the screen of the UI
		_, _ = os.Stderr.WriteString(safetext.Lines(string(text)))
	}
	return true
}
