// Package goroot makes private copies of Go in which the standard library tells an explorer of what a program is about to
// do, and has the explorer in it. Programs are built with them unmodified.
//
// A private GOROOT consists of links to that of the user but for the files that are patched, which are made on the user's
// machine: see patches.go. The explorer is in it as the packages below internal/turnstile, and every test binary that is
// built with it imports it.
package goroot

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/turnstile-go/turnstile"
)

// A Root is a private GOROOT.
type Root struct {
	Dir     string // what GOROOT is to be
	From    string // the GOROOT that it was made of
	Version string // of Go, such as "go1.26.8"
}

// module is the import path of this module, and inside that of its copy in the standard library.
const (
	module = "github.com/turnstile-go/turnstile"
	inside = "internal/turnstile"
)

// Make returns the private GOROOT for the Go whose GOROOT is from. If there is none below the directory cache it makes one;
// it is no matter if others make the same one at the same time.
func Make(ctx context.Context, from, cache string) (*Root, error) {
	version, err := os.ReadFile(filepath.Join(from, "VERSION")) //nolint:gosec // the caller says where Go is
	if err != nil {
		return nil, fmt.Errorf("no version of Go: %w", err)
	}
	name, _, _ := strings.Cut(strings.TrimSpace(string(version)), "\n")
	r := &Root{From: from, Version: name}
	files, err := engine()
	if err != nil {
		return nil, err
	}
	r.Dir = filepath.Join(cache, name+"-"+key(from, string(version), files))
	if _, err := os.Stat(filepath.Join(r.Dir, "VERSION")); err == nil {
		return r, nil
	}
	if err := patchAll(from, name, files); err != nil {
		return nil, err
	}
	if err := r.build(ctx, cache, files); err != nil {
		return nil, fmt.Errorf("make a private GOROOT: %w", err)
	}
	return r, nil
}

// engine returns the files that the standard library gets, by their paths below src.
func engine() (map[string]string, error) {
	files := make(map[string]string)
	err := fs.WalkDir(turnstile.Source, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := turnstile.Source.ReadFile(name)
		files[inside+"/"+name] = strings.ReplaceAll(string(text), `"`+module+`/`, `"`+inside+`/`)
		return err //nolint:wrapcheck // it names the file
	})
	if err != nil {
		return nil, err //nolint:wrapcheck // it names the file
	}
	for to, name := range added {
		text, err := texts.ReadFile("files/" + name)
		if err != nil {
			return nil, err //nolint:wrapcheck // it names the file
		}
		files[to] = string(text)
	}
	return files, nil
}

// key returns what tells a private GOROOT from others.
func key(from, version string, files map[string]string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q\n", from, version)
	for _, p := range patches {
		fmt.Fprintf(h, "%q %q %d %q\n", p.file, p.anchor, p.n, p.with)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(h, "%q %q\n", name, files[name])
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// patchAll adds the patched files of the GOROOT from to files.
func patchAll(from, version string, files map[string]string) error {
	for _, p := range patches {
		text, ok := files[p.file]
		if !ok {
			b, err := os.ReadFile(filepath.Join(from, "src", filepath.FromSlash(p.file))) //nolint:gosec // the caller says where Go is
			if err != nil {
				return fmt.Errorf("turnstile does not know %s yet: %w", version, err)
			}
			text = string(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")))
		}
		text, err := p.apply(text)
		if err != nil {
			return fmt.Errorf("turnstile does not know %s yet: %w", version, err)
		}
		files[p.file] = text
	}
	return nil
}

// build makes r, whose patched and new files are given by their paths below src.
func (r *Root) build(ctx context.Context, cache string, files map[string]string) error {
	if err := os.MkdirAll(cache, 0o755); err != nil { //nolint:gosec // it is no secret
		return err //nolint:wrapcheck // it names the file
	}
	dir, err := os.MkdirTemp(cache, "new-")
	if err != nil {
		return err //nolint:wrapcheck // it names the file
	}
	defer os.RemoveAll(dir)                      //nolint:errcheck // it is gone, or else there is nothing to be done
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // it is no secret
		return err //nolint:wrapcheck // it names the file
	}
	t := &tree{ctx: ctx, from: r.From, dir: dir, files: make(map[string]string), parents: map[string]bool{".": true}}
	for name, text := range files {
		name = "src/" + name
		t.files[name] = text
		for d := path.Dir(name); d != "."; d = path.Dir(d) {
			t.parents[d] = true
		}
	}
	if err := t.link("."); err != nil {
		return err
	}
	if err := t.write(); err != nil {
		return err
	}
	if err := os.Rename(dir, r.Dir); err != nil {
		if _, there := os.Stat(filepath.Join(r.Dir, "VERSION")); there != nil {
			return err //nolint:wrapcheck // it names the file
		}
		// Another has been faster.
	}
	return nil
}

// A tree is a private GOROOT that is being made.
type tree struct {
	ctx     context.Context //nolint:containedctx // of the one call that makes it
	from    string
	dir     string
	files   map[string]string // to be written, by their paths below dir
	parents map[string]bool   // directories in which there are such files, which are no links therefore
}

// link links what is in the directory name to where it comes from.
func (t *tree) link(name string) error {
	if err := t.ctx.Err(); err != nil {
		return err //nolint:wrapcheck // the caller has ended it
	}
	entries, err := os.ReadDir(filepath.Join(t.from, filepath.FromSlash(name)))
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // it is a new one
		return err //nolint:wrapcheck // it names the file
	}
	for _, e := range entries {
		at := path.Join(name, e.Name())
		to := filepath.Join(t.dir, filepath.FromSlash(at))
		switch {
		case t.parents[at]:
			if err := os.Mkdir(to, 0o755); err != nil { //nolint:gosec // it is no secret
				return err //nolint:wrapcheck // it names the file
			}
			if err := t.link(at); err != nil {
				return err
			}
		case t.files[at] != "":
		default:
			if err := os.Symlink(filepath.Join(t.from, filepath.FromSlash(at)), to); err != nil {
				return err //nolint:wrapcheck // it names the file
			}
		}
	}
	return nil
}

// write writes the files that are no links.
func (t *tree) write() error {
	for name, text := range t.files {
		to := filepath.Join(t.dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil { //nolint:gosec // it is no secret
			return err //nolint:wrapcheck // it names the file
		}
		if err := os.WriteFile(to, []byte(text), 0o644); err != nil { //nolint:gosec // it is no secret
			return err //nolint:wrapcheck // it names the file
		}
	}
	return nil
}
