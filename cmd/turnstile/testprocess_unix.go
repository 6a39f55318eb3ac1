//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/charmbracelet/x/term"
)

// A family is a process and those that it starts, directly or not.
type family struct {
	cmd *exec.Cmd
	own bool // they are a process group, which this process is not in
}

// newFamily returns the family of cmd, which has not been started. It is a process group of its own unless the standard
// input is a terminal: only processes of the terminal's foreground group can read that, and those get what is typed to
// interrupt them from the terminal itself.
func newFamily(cmd *exec.Cmd) *family {
	f := &family{cmd: cmd, own: true}
	if file, ok := cmd.Stdin.(*os.File); ok && term.IsTerminal(file.Fd()) {
		f.own = false
		return f
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return f
}

// typed is how long a family may take to end after a signal that it has got from the terminal, if that is where it came
// from, before it gets it from here.
const typed = 300 * time.Millisecond

// signal sends sig to all of the family.
func (f *family) signal(sig syscall.Signal) {
	if !f.own && (sig == syscall.SIGINT || sig == syscall.SIGQUIT) {
		<-time.After(typed)
	}
	f.each(sig)
}

// kill ends all of the family that are left.
func (f *family) kill() { f.each(syscall.SIGKILL) }

func (f *family) each(sig syscall.Signal) {
	if f.cmd.Process == nil {
		return
	}
	pid := f.cmd.Process.Pid
	if f.own {
		_ = syscall.Kill(-pid, sig)
		return
	}
	for _, child := range descendants(pid) {
		_ = syscall.Kill(child, sig)
	}
	_ = f.cmd.Process.Signal(sig) // not by its number, which may be another's by now
}

// descendants returns the processes that pid has started, directly or not, as far as the system tells: only Linux does.
func descendants(pid int) []int {
	children := make(map[int][]int)
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range files {
		// The name of the program, in parentheses, may hold anything; after it come the state and the parent.
		text, _ := os.ReadFile(name) //nolint:gosec // it is one of the system's
		fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
		if len(fields) < 2 {
			continue
		}
		parent, _ := strconv.Atoi(string(fields[1]))
		child, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		children[parent] = append(children[parent], child)
	}
	all := children[pid]
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i]]...)
	}
	return all
}
