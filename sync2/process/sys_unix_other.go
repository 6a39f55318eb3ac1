//go:build unix && !linux

package process

import (
	"os"
	"syscall"
)

func executable() (string, error) { return os.Executable() }

// attributes makes the worker the leader of a process group. It notices the end of its parent by the end of the connection.
func (p *pipe) attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func spawn(path string, args []string, attr *os.ProcAttr) (p *os.Process, reaped func(), err error) {
	p, err = os.StartProcess(path, args, attr)
	return p, func() {}, err
}
