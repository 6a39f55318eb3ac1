//go:build unix

package want

import (
	"os"
	"strconv"
	"syscall"
)

// out is the file descriptor that outcomes are written to, 0 if nobody wants them.
var out, _ = strconv.Atoi(os.Getenv("CONFORM_OUTCOMES"))

// tell writes an outcome by a system call and nothing else: package os would have locks of its own.
func tell(name string, i, n int) {
	if out == 0 {
		return
	}
	b := append([]byte(name), ' ')
	b = strconv.AppendInt(b, int64(i), 10)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(n), 10)
	_, _ = syscall.Write(out, append(b, '\n'))
}
