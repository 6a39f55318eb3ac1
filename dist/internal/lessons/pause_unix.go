//go:build unix

package lessons

import (
	"os"
	"syscall"
)

// canPause says whether processes can be paused here.
const canPause = true

func stopProcess(p *os.Process) error { return p.Signal(syscall.SIGSTOP) }
func contProcess(p *os.Process) error { return p.Signal(syscall.SIGCONT) }
