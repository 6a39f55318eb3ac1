//go:build !unix

package procgroup

import (
	"os/exec"
	"syscall"
)

// A Group is a process and its descendants.
type Group struct{ cmd *exec.Cmd }

// New returns the group of cmd, which has not been started.
func New(cmd *exec.Cmd) *Group { return &Group{cmd} }

// signal does nothing: the console sends its signals to all attached processes.
func (*Group) signal(syscall.Signal) {}

// Kill ends the process.
func (f *Group) Kill() { _ = f.cmd.Process.Kill() }
