//go:build unix

package procgroup

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

// A Group is a process and its descendants.
type Group struct {
	cmd *exec.Cmd
	own bool // it is a process group of its own
}

// New returns the group of cmd, which has not been started. It becomes a process group of its own unless its standard
// input is a terminal: only the foreground process group can read from a terminal, and the terminal itself sends that group
// the signals of Ctrl-C and Ctrl-\.
func New(cmd *exec.Cmd) *Group {
	f := &Group{cmd: cmd, own: true}
	if file, ok := cmd.Stdin.(*os.File); ok && term.IsTerminal(file.Fd()) {
		f.own = false
		return f
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return f
}

// typedGrace is how long a group that shares the terminal may take to end after a signal that may have come from the
// terminal, before signal sends it again.
const typedGrace = 300 * time.Millisecond

// signal sends sig to all processes of the group.
func (f *Group) signal(sig syscall.Signal) {
	if !f.own && (sig == syscall.SIGINT || sig == syscall.SIGQUIT) {
		<-time.After(typedGrace)
	}
	f.each(sig)
}

// Kill kills all processes of the group that are left.
func (f *Group) Kill() { f.each(syscall.SIGKILL) }

func (f *Group) each(sig syscall.Signal) {
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
	_ = f.cmd.Process.Signal(sig) // not by its process id, which may have been reused
}

// descendants returns the descendants of pid on Linux, and nil elsewhere.
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
