//go:build unix

package main

import (
	"os"
	"syscall"
)

// pipes makes the two named pipes by which a test binary is asked and answers. They are opened such that nobody waits for the
// other side.
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
