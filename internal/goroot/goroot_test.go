package goroot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile"
)

// goAt returns the output of a go command in dir, with more in its environment.
func goAt(t *testing.T, dir string, env []string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s%s", strings.Join(args, " "), err, out, &stderr)
	}
	return strings.TrimSpace(string(out))
}

// here is the GOROOT of the current Go.
var here = sync.OnceValues(func() (string, error) {
	out, err := exec.CommandContext(context.Background(), "go", "env", "GOROOT").Output()
	return strings.TrimSpace(string(out)), err
})

func makeHere(t *testing.T, cache string) *Root {
	t.Helper()
	from, err := here()
	if err != nil {
		t.Fatal(err)
	}
	return makeOf(t, from, cache)
}

func makeOf(t *testing.T, from, cache string) *Root {
	t.Helper()
	r, err := Make(t.Context(), from, cache)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// makeCached returns the private GOROOT in the user's cache, which is made only if it does not exist.
func makeCached(t *testing.T) *Root {
	t.Helper()
	cache, err := Cache()
	if err != nil {
		t.Fatal(err)
	}
	return makeHere(t, cache)
}

func TestMake(t *testing.T) {
	cache := filepath.Join(t.TempDir(), "deep", "cache")
	r := makeHere(t, cache)
	from, _ := here()
	if want := "go" + strings.TrimPrefix(runtime.Version(), "go"); r.From != from || r.Version != want {
		t.Errorf("it is made of %s in %s, not of %s in %s", r.Version, r.From, want, from)
	}
	if got := goAt(t, cache, r.environ(), "env", "GOROOT"); got != r.Dir {
		t.Errorf("with it, GOROOT is %s, not %s", got, r.Dir)
	}
	for name, want := range map[string]string{
		"src/runtime/chan.go":                                "tsChan(tsSend, ",
		"src/runtime/turnstile.go":                           "package runtime",
		"src/internal/turnstile/sync2/explore/doc.go":        "package explore",
		"src/internal/turnstile/sync2/internal/hook/hook.go": "package hook",
		"src/testing/internal/testdeps/turnstile.go":         inside + "/sync2/explore",
		"src/fmt/print.go":                                   "package fmt",
		"src/runtime/cgo/cgo.go":                             "package cgo",
	} {
		text, err := os.ReadFile(filepath.Join(r.Dir, filepath.FromSlash(name)))
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s has no %q in it (%v)", name, want, err)
		}
	}
	entries, err := os.ReadDir(cache)
	if err != nil || len(entries) != 1 {
		t.Errorf("the cache has %v in it, want one directory (%v)", entries, err)
	}

	// An existing GOROOT is reused, and only its mark is touched.
	past := time.Now().Add(-time.Hour)
	if err := os.Chtimes(filepath.Join(r.Dir, mark), past, past); err != nil {
		t.Fatal(err)
	}
	made, _ := os.Stat(filepath.Join(r.Dir, "src", "runtime", "chan.go"))
	again := makeHere(t, cache)
	kept, _ := os.Stat(filepath.Join(r.Dir, "src", "runtime", "chan.go"))
	if *again != *r || !os.SameFile(made, kept) {
		t.Errorf("made again it is %+v, not the same as %+v", again, r)
	}
	if used, err := os.Stat(filepath.Join(r.Dir, mark)); err != nil || !used.ModTime().After(past) {
		t.Errorf("that it was used is not seen (%v)", err)
	}

	// A private GOROOT made from a private GOROOT is the same one.
	if of := makeOf(t, r.Dir, cache); *of != *r {
		t.Errorf("made of a private one it is %+v, not %+v", of, r)
	}

	// Removed files come back.
	for _, name := range []string{"src/runtime/chan.go", "src/internal/turnstile", mark} {
		if err := os.RemoveAll(filepath.Join(r.Dir, filepath.FromSlash(name))); err != nil {
			t.Fatal(err)
		}
		makeHere(t, cache)
		if _, err := os.Stat(filepath.Join(r.Dir, filepath.FromSlash(name))); err != nil {
			t.Errorf("it was removed and has not come back: %v", err)
		}
	}
}

// The go command notices links to wrong directories at the latest; this test checks that it finds every package of
// the standard library.
func TestEveryPackageIsThere(t *testing.T) {
	r := makeCached(t)
	list := func(env []string) []string {
		deps := []string{"list", "-f", "{{.ImportPath}} {{len .GoFiles}} {{len .EmbedFiles}}{{with .Error}} {{.}}{{end}}"}
		std := goAt(t, t.TempDir(), nil, "list", "std")
		return strings.Split(goAt(t, t.TempDir(), env, append(deps, strings.Fields(std)...)...), "\n")
	}
	want, got := list(nil), list(r.environ())
	changed := make(map[string]bool)
	for name := range added {
		changed[name[:strings.LastIndexByte(name, '/')]] = true
	}
	for i, w := range want {
		pkg, _, _ := strings.Cut(w, " ")
		if g := got[i]; g != w && !changed[pkg] || strings.Contains(g, "rror") && g != w {
			t.Errorf("go list says %q, and of the private GOROOT %q", w, g)
		}
	}
}

// goAs returns a GOROOT that claims to be of the given version, with the standard library of another. The patterns
// must match every package of the standard library and no other, even where most of it is links.
func goAs(t *testing.T, goroot, version string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "VERSION"), version+"\ntime 2026-01-02T03:04:05Z\n")
	if err := os.Symlink(filepath.Join(goroot, "src"), filepath.Join(dir, "src")); err != nil {
		t.Skip(err)
	}
	return dir
}

func TestStandard(t *testing.T) {
	r := makeCached(t)
	for version, want := range map[string]string{"go1.26.99": "[std]", "go1.27.0": "[archive/... "} {
		if got, err := Standard(goAs(t, r.Dir, version)); err != nil || !strings.HasPrefix(fmt.Sprint(got), want) {
			t.Errorf("%s: the patterns are %v (%v), want %s", version, got, err, want)
		}
	}
	patterns, err := Standard(goAs(t, r.Dir, "go1.27rc1"))
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range strings.FieldsSeq(goAt(t, t.TempDir(), r.environ(), "list", "std")) {
		first, _, _ := strings.Cut(pkg, "/")
		if first != "vendor" && !slices.Contains(patterns, first+"/...") {
			t.Errorf("none of %v matches %s", patterns, pkg)
		}
	}
	if slices.Contains(patterns, "cmd/...") {
		t.Error("they match the commands")
	}
	if _, err := Standard(t.TempDir()); err == nil {
		t.Error("a directory that is no GOROOT has packages")
	}
}

func TestMakeAtOnce(t *testing.T) {
	cache := t.TempDir()
	var wg sync.WaitGroup
	roots := make([]*Root, 4)
	for i := range roots {
		wg.Go(func() { roots[i] = makeHere(t, cache) })
	}
	wg.Wait()
	for _, r := range roots {
		if *r != *roots[0] {
			t.Errorf("%+v and %+v were made", r, roots[0])
		}
	}
	if entries, err := os.ReadDir(cache); err != nil || len(entries) != 1 {
		t.Errorf("the cache has %v in it, want one directory (%v)", entries, err)
	}
}

func TestMakeIsCanceled(t *testing.T) {
	from, err := here()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	cache := t.TempDir()
	if _, err := Make(ctx, from, cache); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v, not that the context was canceled", err)
	}
	if entries, err := os.ReadDir(cache); err != nil || len(entries) > 0 {
		t.Errorf("the cache has %v in it, want nothing (%v)", entries, err)
	}
}

// language is the language version of the current Go.
var language = languageOf(runtime.Version())

// fakeGo makes a directory that looks like a GOROOT to this package, with the files to patch, and returns it.
func fakeGo(t *testing.T, version string) string {
	t.Helper()
	from, err := here()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files := map[string]string{"VERSION": version + "\ntime 2026-01-02T03:04:05Z\n"}
	for _, file := range append(exploring.patched(language), telling.patched(language)...) {
		b, err := os.ReadFile(filepath.Join(from, "src", filepath.FromSlash(file)))
		if err != nil {
			t.Fatal(err)
		}
		files["src/"+file] = string(b)
	}
	for name, text := range files {
		write(t, filepath.Join(dir, filepath.FromSlash(name)), text)
	}
	return dir
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestUnknownVersion(t *testing.T) {
	for _, version := range []string{"go1.28.0", "go1.28rc1", "go1.25.5", "devel go1.29-a1b2c3", "gibberish", ""} {
		_, err := Make(t.Context(), fakeGo(t, version), t.TempDir())
		want := "turnstile does not know " + version + " yet: it knows go1.26 and go1.27"
		if u := new(UnknownError); !errors.As(err, &u) || err.Error() != want {
			t.Errorf("%s: the error is %q, want %q", version, err, want)
		}
	}
	for _, version := range []string{language + ".0", language + ".99", language + ".8 X:nodwarf5", language + ".8-distributor"} {
		if r, err := Make(t.Context(), fakeGo(t, version), t.TempDir()); err != nil || r.Version != version {
			t.Errorf("%s: %+v, %v", version, r, err)
		}
	}
	_, err := Make(t.Context(), t.TempDir(), t.TempDir())
	if u := new(UnknownError); !errors.As(err, &u) {
		t.Errorf("what is no GOROOT is no error, but %v", err)
	}
}

// checkAnchors tries each anchor of k on the source of the given version of Go in from, with one match less and one
// more.
func (k *kind) checkAnchors(t *testing.T, from, version string) {
	t.Helper()
	for _, p := range k.patches {
		if !p.isFor(version) {
			continue
		}
		name := filepath.Join(from, "src", filepath.FromSlash(p.file))
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text := string(b)
		match := regexp.MustCompile(`(?m)` + p.anchor).FindStringIndex(text)
		if match == nil {
			t.Errorf("nothing in %s matches %s", p.file, p.anchor)
			continue
		}
		begin := strings.LastIndexByte(text[:match[0]], '\n') + 1
		end := match[1] + strings.IndexByte(text[match[1]:], '\n') + 1
		for what, text := range map[string]string{
			"less": text[:begin] + text[end:],
			"more": text[:end] + text[begin:],
		} {
			write(t, name, text)
			_, err := k.patchFile(from, version, p.file)
			if err == nil || !strings.HasPrefix(err.Error(), "turnstile does not know "+version+" yet: in src/"+p.file+" it finds ") || strings.Contains(err.Error(), "\n") {
				t.Errorf("with one %s that matches %s in %s: %v", what, p.anchor, p.file, err)
			}
		}
		write(t, name, string(b))
	}
}

// Each anchor is checked; an extra match is noticed as well as a missing one.
func TestAnchorsMatchExactly(t *testing.T) {
	version := language + ".8"
	from := fakeGo(t, version)
	for _, k := range []*kind{exploring, telling} {
		k.checkAnchors(t, from, version)
	}

	// Such an error leaves nothing behind.
	cache := t.TempDir()
	write(t, filepath.Join(from, "src", "sync", "cond.go"), "package sync\n")
	if _, err := Make(t.Context(), from, cache); err == nil {
		t.Error("without any anchor in sync/cond.go there is no error")
	}
	if entries, err := os.ReadDir(cache); err != nil || len(entries) > 0 {
		t.Errorf("the cache has %v in it, want nothing (%v)", entries, err)
	}
}

// Calls of packages sync and atomic that the compiler inlines are still inlined with the patches; otherwise they
// would cost more than a comparison. So are calls that benchmarks make in a loop. The compiler names methods of
// generic types differently.
func TestInlined(t *testing.T) {
	r := makeCached(t)
	can := regexp.MustCompile(`(?m): can inline ([^\[\n]+?)$`)
	inlined := func(env []string) []string {
		cmd := exec.CommandContext(t.Context(), "go", "build", "-gcflags=-m", "sync", "sync/atomic", "testing")
		cmd.Env = append(os.Environ(), env...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v\n%s", cmd, err, out)
		}
		var names []string
		for _, m := range can.FindAllStringSubmatch(string(out), -1) {
			if !strings.HasPrefix(m[1], "(*common).") { // these are called only a few times in a test
				names = append(names, m[1])
			}
		}
		return names
	}
	want, got := inlined(nil), inlined(r.environ())
	if len(want) < 50 {
		t.Fatalf("the compiler says so of %v only", want)
	}
	for _, name := range want {
		if !slices.Contains(got, name) {
			t.Errorf("%s is called", name)
		}
	}
}

func TestTree(t *testing.T) {
	from := t.TempDir()
	for name, text := range map[string]string{"a/b/c": "abc", "a/b/d": "abd", "a/e/f": "aef", "g": "g", "h/i": "hi", "l/m.go": "lm", "l/n.go": "ln", "l/o/p": "lop"} {
		write(t, filepath.Join(from, filepath.FromSlash(name)), text)
	}
	if err := os.Chmod(filepath.Join(from, "g"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(from, "a", "b"), 0o555); err != nil { // as in the cache of modules
		t.Fatal(err)
	}
	if err := os.Symlink("g", filepath.Join(from, "j")); err != nil {
		t.Skip(err)
	}
	if err := os.Symlink("nowhere", filepath.Join(from, "k")); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"a/b/c": "new c", "a/b/d": "abd", "a/b/n/m": "new m", "a/e/f": "aef", "g": "g", "h/i": "hi", "j": "g", "l/m.go": "new m", "l/n.go": "ln", "l/o/p": "lop"}
	fail := func(string, string) error { return fs.ErrInvalid }
	calls := 0
	failLater := func(old, name string) error {
		if calls++; calls > 1 {
			return fs.ErrInvalid
		}
		return os.Symlink(old, name)
	}
	for _, test := range []struct {
		name              string
		symlink, hardLink func(string, string) error
		same              bool // files are those of from, not copies
	}{
		{"symbolic links", os.Symlink, fail, true},
		{"symbolic links at first", failLater, os.Link, true},
		{"hard links", fail, os.Link, true},
		{"copies", fail, fail, false},
	} {
		tree := newTree(t.Context(), from, filepath.Join(t.TempDir(), "to"))
		tree.symlink, tree.hardLink = test.symlink, test.hardLink
		tree.add("a/b/c", "new c")
		tree.add("a/b/n/m", "new m")
		tree.add("l/m.go", "new m")
		if err := tree.make(); err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		got := make(map[string]string)
		readAll(t, tree.dir, ".", got)
		if !maps.Equal(got, want) {
			t.Errorf("%s: the tree is %v, want %v", test.name, got, want)
		}
		for name, want := range map[string]fs.FileMode{"l/n.go": 0, "l/o": fs.ModeDir} { // a package has no symbolic links
			if info, err := os.Lstat(tree.to(name)); err != nil || info.Mode().Type() != want {
				t.Errorf("%s: %s is %v (%v), want %v", test.name, name, info.Mode(), err, want)
			}
		}
		for _, name := range []string{"g", "a/e/f"} {
			old, _ := os.Stat(tree.old(name))
			now, _ := os.Stat(tree.to(name))
			if os.SameFile(old, now) != test.same || now.Mode().Perm()&^0o200 != old.Mode().Perm()&^0o200 {
				t.Errorf("%s: %s is the same file: %t, its mode is %v, want %t, %v", test.name, name, !test.same, now.Mode(), test.same, old.Mode())
			}
		}
	}
}

// readAll reads the files below dir into files, following links.
func readAll(t *testing.T, dir, name string, files map[string]string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		at := strings.TrimPrefix(name+"/"+e.Name(), "./")
		info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(at)))
		switch {
		case errors.Is(err, fs.ErrNotExist): // a dangling link
		case err != nil:
			t.Fatal(err)
		case info.IsDir():
			readAll(t, dir, at, files)
		default:
			b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(at)))
			if err != nil {
				t.Fatal(err)
			}
			files[at] = string(b)
		}
	}
}

func TestClean(t *testing.T) {
	cache, from := t.TempDir(), t.TempDir()
	root := func(name, from string, age time.Duration) {
		stamp := filepath.Join(cache, name, mark)
		write(t, stamp, from)
		was := time.Now().Add(-age)
		for _, name := range []string{stamp, filepath.Dir(stamp)} {
			if err := os.Chtimes(name, was, was); err != nil {
				t.Fatal(err)
			}
		}
	}
	root("go1.26.1-used", from, unused/2)
	root("go1.26.1-unused", from, 2*unused)
	root("go1.26.1-this", from, 2*unused)
	root("go1.26.1-orphan", filepath.Join(from, "gone"), 0)
	root(unfinished+"left", from, 2*hour)
	root(unfinished+"now", from, hour/2)
	write(t, filepath.Join(cache, "other", "file"), "not ours")
	if err := os.Symlink(from, filepath.Join(cache, "go1.26.1-unused", "src")); err != nil {
		t.Log(err)
	}
	write(t, filepath.Join(from, "file"), "to be kept")
	clean(cache, filepath.Join(cache, "go1.26.1-this"))
	entries, err := os.ReadDir(cache)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if want := []string{"go1.26.1-this", "go1.26.1-used", unfinished + "now", "other"}; !slices.Equal(left, want) {
		t.Errorf("%v are left, want %v", left, want)
	}
	if _, err := os.Stat(filepath.Join(from, "file")); err != nil {
		t.Errorf("what a link refers to was removed: %v", err)
	}
}

// The program contains all of the explorer's source, for every machine and build tag.
func TestSourceIsComplete(t *testing.T) {
	const format = `{{if .Module}}{{$d := .ImportPath}}{{range $f := .GoFiles}}{{$d}}/{{$f}}
{{end}}{{range $f := .IgnoredGoFiles}}{{$d}}/{{$f}}
{{end}}{{range $f := .SFiles}}{{$d}}/{{$f}}
{{end}}{{range $f := .IgnoredOtherFiles}}{{$d}}/{{$f}}
{{end}}{{range $f := .CgoFiles}}{{$d}}/{{$f}}
{{end}}{{range $f := .EmbedFiles}}{{$d}}/{{$f}}
{{end}}{{end}}`
	files := goAt(t, "../..", nil, "list", "-deps", "-tags="+Tag, "-f", format, "./sync2/explore")
	if len(files) == 0 {
		t.Fatal("go list names no files")
	}
	for name := range strings.FieldsSeq(files) {
		name, ours := strings.CutPrefix(name, module+"/")
		if !ours {
			t.Errorf("the explorer cannot be in the standard library: it needs %s", name)
			continue
		}
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if _, err := fs.Stat(turnstile.Source, name); err != nil {
			t.Errorf("source.go does not embed it: %v", err)
		}
	}
}
