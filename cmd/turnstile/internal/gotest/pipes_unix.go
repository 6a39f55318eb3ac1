//go:build unix

package gotest

import (
	"os"
	"syscall"
)

// pipes makes the two named pipes that carry requests to a test binary and its answers. It opens them for reading and writing,
// so that opening does not block.
func pipes(name string) (ask, tell *os.File, err error) {
	for _, p := range []struct {
		name string
		file **os.File
	}{{name + ".ask", &ask}, {name + ".tell", &tell}} {
		if err := syscall.Mkfifo(p.name, 0o600); err != nil {
			return nil, nil, &os.PathError{Op: "mkfifo", Path: p.name, Err: err}
		}
		if *p.file, err = os.OpenFile(p.name, os.O_RDWR, 0); err != nil {
			return nil, nil, err // it names the file
		}
	}
	return ask, tell, nil
}
