package long

import (
	"syscall"
	"testing"
)

// TestStuckSubtests has a parallel subtest that waits in the kernel for a byte that nobody writes, which the explorer cannot see
// and gives up.
func TestStuckSubtests(t *testing.T) {
	var pipe [2]int
	if err := syscall.Pipe(pipe[:]); err != nil {
		t.Fatal(err)
	}
	t.Run("", func(t *testing.T) {
		t.Parallel()
		_, _, _ = syscall.Syscall(syscall.SYS_READ, uintptr(pipe[0]), 0, 1)
	})
}
