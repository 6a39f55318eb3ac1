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

// A kind of private GOROOT describes how it differs from the user's.
type kind struct {
	patches  []patch
	added    map[string]string // files added to the standard library, by their paths below src, with the names of their texts
	explorer bool              // it contains the explorer
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

// mark is the file of a private GOROOT that names the GOROOT it was made from. Its modification time is the time of
// last use.
const mark = "turnstile"

// Make returns the private GOROOT for the Go whose GOROOT is from, and makes it in the directory cache if necessary.
// Other processes may make the same one concurrently. The error is an [UnknownError] if there is no private GOROOT
// for that version of Go.
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
		_ = os.Chtimes(filepath.Join(r.Dir, mark), now, now) // if the cache is read-only, nobody cleans it either
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

// additions returns the files added to the standard library, by their paths below src.
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

// key returns a key that distinguishes private GOROOTs.
func (k *kind) key(from, version string, files map[string]string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q\n", from, version)
	for _, p := range k.patches {
		fmt.Fprintf(h, "%+v\n", p)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(h, "%q %d\n", name, len(files[name]))
		_, _ = io.WriteString(h, files[name]) // never fails
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// whole reports whether r exists, with the files that are not links, given by their paths below src. A disk cleaner
// may have removed some.
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

// build makes r, whose patched and added files are given by their paths below src. It is made next to its final place
// and moved there when complete.
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
			return nil // if it exists already, another process was faster
		}
		if i == 3 {
			return err // it names the files
		}
		_ = os.Rename(r.Dir, filepath.Join(dir, fmt.Sprint("broken", i)))
	}
}

const (
	unfinished = "new-"         // the prefix of directories in which private GOROOTs are being made
	hour       = time.Hour      // none takes that long to make
	unused     = 72 * time.Hour // unused private GOROOTs are removed after this time; they are quickly made again
)

// clean removes unused entries from cache, except keep. Whatever it cannot remove it leaves for later.
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
			continue // not ours, or being removed
		}
		if time.Since(info.ModTime()) < age && (made || present(stamp)) {
			continue
		}
		_ = os.RemoveAll(dir)
	}
}

// present reports whether the GOROOT still exists from which the private one with the file stamp was made.
func present(stamp string) bool {
	from, err := os.ReadFile(stamp) //nolint:gosec // it is in the cache
	if err != nil {
		return false
	}
	_, err = os.Stat(string(from)) //nolint:gosec // it is only asked for, and its name was written by make
	return err == nil
}

// Standard returns patterns of the go command that match the packages of the standard library in the GOROOT dir,
// except those vendored from other modules. From Go 1.27 on, the go command matches packages by their paths alone, so
// the pattern std matches none. Hence there is a pattern for each directory, which costs a tenth of a second, since
// the command compiles each pattern for each package.
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

// environ returns the environment variables that make a go command use r.
func (r *Root) environ() []string {
	return []string{"GOROOT=" + r.Dir, "GOTOOLCHAIN=local"}
}
