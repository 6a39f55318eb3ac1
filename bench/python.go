package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// pythonPart is what -run has to match for the Python originals to be measured.
const pythonPart = "python: the originals"

// python measures what the originals in Python's standard library cost, and prints it, if python3 is there.
func python(out io.Writer) error {
	exe, err := exec.LookPath("python3")
	if err != nil {
		_, err = fmt.Fprintln(out, "\npython3 is not there, so its originals were not measured")
		return err
	}
	cmd := exec.Command(exe, filepath.Join("python", "bench.py")) //nolint:noctx // it is our own script, and has no other end than its own
	cmd.Stdout, cmd.Stderr = out, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", pythonPart, err)
	}
	return nil
}
