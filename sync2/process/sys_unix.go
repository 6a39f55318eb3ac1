//go:build unix

package process

import (
	"fmt"
	"os"
	"strconv"
	"syscall"
)

// A pipe is a pair of connected sockets, one of which the worker inherits.
type pipe struct {
	ours   link
	theirs *os.File
}

// inheritedFD is the number of the worker's socket: the first after stdin, stdout and stderr.
const inheritedFD = 3

func newPipe() (*pipe, error) {
	syscall.ForkLock.RLock() // so that no other child inherits them
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fds[0])
		syscall.CloseOnExec(fds[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, os.NewSyscallError("socketpair", err)
	}
	ours, err := socket(fds[0])
	if err != nil {
		_ = syscall.Close(fds[1])
		return nil, err
	}
	return &pipe{ours: ours, theirs: os.NewFile(uintptr(fds[1]), "worker")}, nil
}

// socket returns the socket as a file whose reads do not occupy a thread.
func socket(fd int) (*os.File, error) {
	if err := syscall.SetNonblock(fd, true); err != nil {
		_ = syscall.Close(fd)
		return nil, os.NewSyscallError("setnonblock", err)
	}
	return os.NewFile(uintptr(fd), "socket"), nil
}

func (p *pipe) boot() string          { return strconv.Itoa(inheritedFD) }
func (p *pipe) inherited() []*os.File { return []*os.File{p.theirs} }
func (p *pipe) closeTheirs()          { _ = p.theirs.Close() }

// openLink returns the worker's end.
func openLink(boot string) (link, error) {
	fd, err := strconv.Atoi(boot)
	if err != nil || fd != inheritedFD {
		return nil, fmt.Errorf("%s is %q", bootEnv, boot)
	}
	syscall.CloseOnExec(fd)
	return socket(fd)
}

// A job is the process group of a child, which it leads.
type job struct{}

func (job) put(*os.Process) {}
func (job) close()          {}

// kill kills the group whose leader is or was pid.
func (job) kill(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) }

// terminate asks a process to end.
func terminate(p *os.Process) error { return p.Signal(syscall.SIGTERM) }

// exitCode returns the exit status, or the negated number of the signal that ended the process.
func exitCode(s *os.ProcessState) int {
	if s == nil {
		return unknownCode
	}
	if ws, ok := s.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return -int(ws.Signal())
	}
	return s.ExitCode()
}

// dieWithParent kills this process and those that it started.
func dieWithParent() {
	if pid := os.Getpid(); syscall.Getpgrp() == pid {
		_ = syscall.Kill(-pid, syscall.SIGKILL)
	}
	os.Exit(exitFailure)
}
