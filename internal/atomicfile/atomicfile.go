// Package atomicfile replaces files atomically: it writes a new file next to the old one and renames it once
// everything has been written. A reader sees either the old content or all of the new one, even if the disk is full,
// the program is killed or a write fails.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// A File is written and then put in place with [File.Commit], or dropped with [File.Discard].
//
// A file that is not regular, such as a pipe or a terminal, cannot be replaced: it is written to directly.
type File struct {
	file *os.File
	name string // its final name; "" if it has that already
	done bool
}

// Create begins to write the file with the given name. It follows a symbolic link and replaces the file it refers to.
// A new file gets mode 0666 before the umask; a file that replaces another keeps the other's permissions.
//
// The caller must call Commit or Discard; with "defer f.Discard()" it can call both.
func Create(name string) (*File, error) {
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target
	}
	old, err := os.Stat(name)
	switch {
	case err == nil && !old.Mode().IsRegular() && !old.IsDir():
		file, err := os.OpenFile(name, os.O_WRONLY, 0) //nolint:gosec // the caller chooses the path
		if err != nil {
			return nil, err // it names the file
		}
		return &File{file: file}, nil
	case err == nil && old.IsDir():
		return nil, &fs.PathError{Op: "create", Path: name, Err: errors.New("is a directory")}
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, err // it names the file
	}
	f := &File{name: name}
	if f.file, err = createBeside(name); err != nil {
		return nil, err
	}
	if old != nil {
		if err := f.file.Chmod(old.Mode().Perm()); err != nil {
			f.Discard()
			return nil, err // it names the file
		}
	}
	return f, nil
}

// createBeside creates a file in the directory of name. Unlike os.CreateTemp, it lets the umask decide who may read
// the file.
func createBeside(name string) (*os.File, error) {
	dir, base := filepath.Split(name)
	for try := 0; ; try++ {
		temp := filepath.Join(dir, fmt.Sprintf(".%.200s.%08x.tmp", base, rand.Uint32())) //nolint:gosec // it need not be secret
		file, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)         //nolint:gosec // the umask decides who may read it
		if errors.Is(err, fs.ErrExist) && try < 100 {
			continue
		}
		if pe, ok := errors.AsType[*fs.PathError](err); ok {
			return nil, &fs.PathError{Op: "create", Path: name, Err: pe.Err} // the name that the caller knows
		}
		return file, err // it names the file
	}
}

// Write implements [io.Writer].
func (f *File) Write(p []byte) (int, error) {
	return f.file.Write(p) // it names the file
}

// Commit puts the file in place. If that fails, or an earlier write failed, the old file stays. Commit after Commit
// or Discard returns an error.
func (f *File) Commit() error {
	if f.done {
		return fmt.Errorf("commit %s: %w", f.file.Name(), fs.ErrClosed)
	}
	if f.name == "" {
		f.done = true
		return f.file.Close() // it names the file
	}
	err := f.file.Sync() // otherwise the new name could reach the disk before the content
	if err == nil {
		if err = f.file.Close(); err == nil {
			err = os.Rename(f.file.Name(), f.name)
		}
	}
	if err != nil {
		f.Discard()
		return err // it names the file
	}
	f.done = true
	return nil
}

// Discard drops what has been written and keeps the old file. After Commit it does nothing.
func (f *File) Discard() {
	if f.done {
		return
	}
	f.done = true
	_ = f.file.Close() // it may be closed already, and is no longer needed
	if f.name != "" {
		_ = os.Remove(f.file.Name())
	}
}
