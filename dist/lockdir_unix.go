//go:build unix

package dist

import (
	"os"
	"syscall"
)

// lockFile takes the lock of f for this process, or fails at once.
func lockFile(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
