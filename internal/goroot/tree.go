package goroot

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// A tree is a directory with the same content as another one, as links, except for some files of its own.
type tree struct {
	ctx     context.Context // of the only call that makes it
	from    string
	dir     string
	files   map[string]string // its own files, by their slash-separated paths
	parents map[string]bool   // the directories with files of its own below them

	symlink  func(old, name string) error
	hardLink func(old, name string) error
}

func newTree(ctx context.Context, from, dir string) *tree {
	return &tree{
		ctx: ctx, from: from, dir: dir, files: make(map[string]string), parents: map[string]bool{".": true},
		symlink: os.Symlink, hardLink: os.Link,
	}
}

// add gives t a file of its own.
func (t *tree) add(name, text string) {
	t.files[name] = text
	for d := path.Dir(name); !t.parents[d]; d = path.Dir(d) {
		t.parents[d] = true
	}
}

// make makes t.
func (t *tree) make() error {
	if err := t.enter("."); err != nil {
		return err
	}
	for name, text := range t.files {
		if err := os.MkdirAll(filepath.Dir(t.to(name)), 0o755); err != nil { //nolint:gosec // Go is no secret
			return err // it names the file
		}
		if err := os.WriteFile(t.to(name), []byte(text), 0o644); err != nil { //nolint:gosec // Go is no secret
			return err // it names the file
		}
	}
	return nil
}

func (t *tree) old(name string) string { return filepath.Join(t.from, filepath.FromSlash(name)) }
func (t *tree) to(name string) string  { return filepath.Join(t.dir, filepath.FromSlash(name)) }

// enter makes the directory name and links its content. In a package it makes no symbolic links: the go command
// rereads a package with symbolic links each time, and has an index of others.
func (t *tree) enter(name string) error {
	if err := t.ctx.Err(); err != nil {
		return err // the caller has ended it
	}
	if err := os.Mkdir(t.to(name), 0o755); err != nil { //nolint:gosec // Go is no secret
		return err // it names the file
	}
	entries, err := os.ReadDir(t.old(name))
	if err != nil {
		return err // it names the file
	}
	symbolic := !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return path.Ext(e.Name()) == ".go" })
	for _, e := range entries {
		at := path.Join(name, e.Name())
		if _, own := t.files[at]; own {
			continue
		}
		if t.parents[at] {
			err = t.enter(at)
		} else {
			err = t.link(at, symbolic)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// link links a file or a directory with its content, by a symbolic link if allowed. Once symbolic links have failed,
// all further links are hard links, or copies if those fail too.
func (t *tree) link(name string, symbolic bool) error {
	if symbolic && t.symlink != nil {
		if err := t.symlink(t.old(name), t.to(name)); err == nil {
			return nil
		}
		t.symlink = nil
	}
	old, err := filepath.EvalSymlinks(t.old(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a dangling link
	}
	if err != nil {
		return err // it names the file
	}
	info, err := os.Stat(old)
	switch {
	case err != nil:
		return err // it names the file
	case info.IsDir():
		return t.enter(name)
	case !info.Mode().IsRegular():
		return nil
	}
	if t.hardLink != nil {
		if err := t.hardLink(old, t.to(name)); err == nil {
			return nil
		}
		t.hardLink = nil
	}
	return copyFile(old, t.to(name), info.Mode().Perm())
}

func copyFile(old, name string, mode fs.FileMode) (err error) {
	in, err := os.Open(old) //nolint:gosec // it is one of Go's files
	if err != nil {
		return err // it names the file
	}
	defer in.Close()
	out, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode|0o200) //nolint:gosec // it is in the cache
	if err != nil {
		return err // it names the file
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.Copy(out, in)
	return err // it names the file
}
