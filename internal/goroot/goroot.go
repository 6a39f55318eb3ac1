package goroot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/version"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile"
)

// A Root is a private GOROOT.
type Root struct {
	Dir     string // the value for GOROOT
	From    string // the GOROOT from which it was made
	Version string // of Go, such as "go1.26.8"

	kind *kind
}

// A kind of private GOROOT says how it differs from that of the user.
type kind struct {
	patches  []patch
	added    map[string]string // files that the standard library gets, by their paths below src, and the names of their texts
	explorer bool              // it has the explorer in it
}

var (
	exploring = &kind{patches, added, true}
	telling   = &kind{patches: tellPatches, added: tellAdded}
)

// Tag is the build tag that connects the explorer to the patched runtime.
const Tag = "turnstile_goroot"

// module is the import path of this module, and inside that of its copy in the standard library.
const (
	module = "github.com/turnstile-go/turnstile"
	inside = "internal/turnstile"
)

// mark is the file of a private GOROOT that says which one it was made of. When it was last used is when that file was
// last modified.
const mark = "turnstile"

// Make returns the private GOROOT for the Go whose GOROOT is from, which it makes in the directory cache if it is not there.
// Others may make the same one at the same time. An error is an [UnknownError] if there is no private GOROOT for that
// version of Go.
func Make(ctx context.Context, from, cache string) (*Root, error) {
	return exploring.make(ctx, from, cache)
}

// MakeTelling is like Make, for a GOROOT of another kind: programs that are built with it are not controlled, but their
// standard library reports what it does to a watcher. See package tell.
func MakeTelling(ctx context.Context, from, cache string) (*Root, error) {
	return telling.make(ctx, from, cache)
}

func (k *kind) make(ctx context.Context, from, cache string) (*Root, error) {
	if original, err := os.ReadFile(filepath.Join(from, mark)); err == nil { //nolint:gosec // the caller says where Go is
		from = string(original) // from is a private one itself
	}
	from, err := filepath.Abs(from)
	if err != nil {
		return nil, fmt.Errorf("where is Go? %w", err)
	}
	text, err := os.ReadFile(filepath.Join(from, "VERSION")) //nolint:gosec // the caller says where Go is
	if err != nil {
		return nil, &UnknownError{"the Go in " + from, "it has no file named VERSION, as releases have"}
	}
	line, _, _ := strings.Cut(string(text), "\n")
	r := &Root{From: from, Version: strings.TrimSpace(line), kind: k}
	if err := known(r.Version); err != nil {
		return nil, err
	}
	files, err := k.additions()
	if err != nil {
		return nil, err
	}
	name, _, _ := strings.Cut(r.Version, " ")
	r.Dir = filepath.Join(cache, name+"-"+k.key(from, string(text), files))
	if r.whole(files) {
		now := time.Now()
		_ = os.Chtimes(filepath.Join(r.Dir, mark), now, now) // if the cache cannot be written to, nobody cleans it either
		return r, nil
	}
	for _, name := range k.patched(r.Version) {
		if files[name], err = k.patchFile(from, r.Version, name); err != nil {
			return nil, err
		}
	}
	if err := r.build(ctx, cache, files); err != nil {
		return nil, fmt.Errorf("make a private GOROOT: %w", err)
	}
	clean(cache, r.Dir)
	return r, nil
}

// Cache returns the directory, in the user's cache, for private GOROOTs.
func Cache() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no place for a private GOROOT: %w", err)
	}
	return filepath.Join(dir, "turnstile", "goroot"), nil
}

// additions returns the files that the standard library gets, by their paths below src.
func (k *kind) additions() (map[string]string, error) {
	files := make(map[string]string)
	err := fs.WalkDir(turnstile.Source, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, "_test.go") || !k.explorer {
			return err
		}
		text, err := turnstile.Source.ReadFile(name)
		files[inside+"/"+name] = strings.ReplaceAll(string(text), `"`+module+`/`, `"`+inside+`/`)
		return err // it names the file
	})
	if err != nil {
		return nil, err // it names the file
	}
	for to, name := range k.added {
		text, err := texts.ReadFile("files/" + name)
		if err != nil {
			return nil, err // it names the file
		}
		files[to] = string(text)
	}
	return files, nil
}

// key returns what tells a private GOROOT from others.
func (k *kind) key(from, version string, files map[string]string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q\n", from, version)
	for _, p := range k.patches {
		fmt.Fprintf(h, "%+v\n", p)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(h, "%q %d\n", name, len(files[name]))
		_, _ = io.WriteString(h, files[name]) // it never fails
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// whole reports whether r is there, with the files that are not links and are given by their paths below src. A
// process that cleans a disk may have taken some.
func (r *Root) whole(files map[string]string) bool {
	if _, err := os.Stat(filepath.Join(r.Dir, mark)); err != nil {
		return false
	}
	for name, text := range files {
		info, err := os.Stat(filepath.Join(r.Dir, "src", filepath.FromSlash(name)))
		if err != nil || info.Size() != int64(len(text)) {
			return false
		}
	}
	for _, name := range r.kind.patched(r.Version) {
		if _, err := os.Stat(filepath.Join(r.Dir, "src", filepath.FromSlash(name))); err != nil {
			return false
		}
	}
	return true
}

// build makes r, whose patched and new files are given by their paths below src. It is made beside where it belongs and
// takes its place when it is complete.
func (r *Root) build(ctx context.Context, cache string, files map[string]string) error {
	if err := os.MkdirAll(cache, 0o755); err != nil { //nolint:gosec // it is no secret
		return err // it names the file
	}
	dir, err := os.MkdirTemp(cache, unfinished)
	if err != nil {
		return err // it names the file
	}
	defer os.RemoveAll(dir) // if that fails, clean will try again
	t := newTree(ctx, r.From, filepath.Join(dir, "goroot"))
	for name, text := range files {
		t.add("src/"+name, text)
	}
	t.add(mark, r.From)
	if err := t.make(); err != nil {
		return err
	}
	for i := 0; ; i++ {
		if err = os.Rename(t.dir, r.Dir); err == nil || r.whole(files) {
			return nil // if it is there already, another was faster
		}
		if i == 3 {
			return err // it names the files
		}
		_ = os.Rename(r.Dir, filepath.Join(dir, fmt.Sprint("broken", i)))
	}
}

const (
	unfinished = "new-"         // what the names of directories begin with in which private GOROOTs are being made
	hour       = time.Hour      // none takes so long to be made
	unused     = 72 * time.Hour // after so long a private GOROOT is removed; it is soon made again
)

// clean removes from cache what is not used any longer, but not keep. What it cannot remove it leaves for another time.
func clean(cache, keep string) {
	entries, err := os.ReadDir(cache)
	if err != nil {
		return
	}
	for _, e := range entries {
		dir := filepath.Join(cache, e.Name())
		if dir == keep {
			continue
		}
		made := strings.HasPrefix(e.Name(), unfinished)
		stamp, age := filepath.Join(dir, mark), unused
		if made {
			stamp, age = dir, hour
		}
		info, err := os.Stat(stamp)
		if err != nil {
			continue // it is none of ours, or is being removed
		}
		if time.Since(info.ModTime()) < age && (made || present(stamp)) {
			continue
		}
		_ = os.RemoveAll(dir)
	}
}

// present reports whether the GOROOT is still there that the private one was made of that stamp is in.
func present(stamp string) bool {
	from, err := os.ReadFile(stamp) //nolint:gosec // it is in the cache
	if err != nil {
		return false
	}
	_, err = os.Stat(string(from)) //nolint:gosec // it is only asked for, and its name was written by make
	return err == nil
}

// Standard returns patterns of the go command that match the packages of the standard library in the GOROOT dir, all but
// those that it has from other modules. From Go 1.27 on, the go command asks which patterns match a package when it knows no
// more than its path, so that the pattern std matches none, and there is one for each directory: they take it a tenth of a
// second, since it compiles each for each package.
func Standard(dir string) ([]string, error) {
	text, err := os.ReadFile(filepath.Join(dir, "VERSION")) //nolint:gosec // the caller says where Go is
	if err != nil {
		return nil, fmt.Errorf("the version of the standard library: %w", err)
	}
	if line, _, _ := strings.Cut(string(text), "\n"); version.Compare(languageOf(line), "go1.27") < 0 {
		return []string{"std"}, nil
	}
	entries, err := os.ReadDir(filepath.Join(dir, "src"))
	if err != nil {
		return nil, fmt.Errorf("the packages of the standard library: %w", err)
	}
	var all []string
	for _, e := range entries {
		name := e.Name()
		info, err := os.Stat(filepath.Join(dir, "src", name)) // most are links
		if err == nil && info.IsDir() && name != "cmd" && name != "testdata" && name != "vendor" {
			all = append(all, name+"/...")
		}
	}
	return all, nil
}

// environ returns what the environment of a go command has to say for it to use r.
func (r *Root) environ() []string {
	return []string{"GOROOT=" + r.Dir, "GOTOOLCHAIN=local"}
}
