//go:build !unix

package main

import (
	"os/exec"
	"syscall"
)

// A family is a process and those that it starts, directly or not.
type family struct{ cmd *exec.Cmd }

// newFamily returns the family of cmd, which has not been started.
func newFamily(cmd *exec.Cmd) *family { return &family{cmd} }

// signal does nothing: the console gives its signals to all that are attached to it.
func (*family) signal(syscall.Signal) {}

// kill ends the process.
func (f *family) kill() { _ = f.cmd.Process.Kill() }
