package engine

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// Name is the name of the program.
const Name = "turnstile-engine"

// Find returns the path of the program: in the directory of this program, or on the PATH.
func Find() (string, error) {
	name := fileName()
	if self, err := os.Executable(); err == nil {
		if path := filepath.Join(filepath.Dir(self), name); isFile(path) {
			return path, nil
		}
	}
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	return "", errors.New(nowhere)
}

const nowhere = Name + " is neither in turnstile's directory nor on the PATH"

// fileName returns the name of the program's file.
func fileName() string {
	if runtime.GOOS == "windows" {
		return Name + ".exe"
	}
	return Name
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
