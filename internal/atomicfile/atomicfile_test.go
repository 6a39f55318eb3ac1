package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// content returns the content of the file, and fails the test if its directory holds anything but the given names.
func content(t *testing.T, name string, only ...string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Error(err)
	}
	in, err := os.ReadDir(filepath.Dir(name))
	if err != nil {
		t.Fatal(err)
	}
	if len(in) != max(1, len(only)) {
		t.Errorf("the directory holds %v", in)
	}
	return string(data)
}

func TestCommit(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a")
	for _, text := range []string{"first", "2nd"} {
		f, err := Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := f.Commit(); err != nil {
			t.Fatal(err)
		}
		f.Discard()
		if got := content(t, name); got != text {
			t.Errorf("it holds %q, want %q", got, text)
		}
		if err := f.Commit(); !errors.Is(err, fs.ErrClosed) {
			t.Errorf("a second Commit returns %v", err)
		}
	}
}

// Until Commit, and without one, the old file is unchanged.
func TestDiscard(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a")
	if err := writeFile(name, []byte("old")); err != nil {
		t.Fatal(err)
	}
	f, err := Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("new")); err != nil {
		t.Fatal(err)
	}
	if got := content(t, name, "a", "temporary"); got != "old" {
		t.Errorf("before Commit it holds %q", got)
	}
	f.Discard()
	f.Discard()
	if got := content(t, name); got != "old" {
		t.Errorf("after Discard it holds %q", got)
	}
	if err := f.Commit(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("Commit after Discard returns %v", err)
	}
}

// A failed write leaves the old file, and nothing else.
func TestFailureLeavesTheOldFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a")
	if err := writeFile(name, []byte("old")); err != nil {
		t.Fatal(err)
	}
	f, err := Create(name)
	if err != nil {
		t.Fatal(err)
	}
	_ = f.file.Close() // the disk fails
	if _, err := f.Write([]byte("new")); err == nil {
		t.Error("a closed file can be written")
	}
	if err := f.Commit(); err == nil {
		t.Error("what could not be written was committed")
	}
	if got := content(t, name); got != "old" {
		t.Errorf("it holds %q", got)
	}
}

func TestPermissions(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no such permissions")
	}
	dir := t.TempDir()
	name, plain := filepath.Join(dir, "a"), filepath.Join(dir, "plain")
	if err := os.WriteFile(name, nil, 0o640); err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(plain)
	if err != nil {
		t.Fatal(err)
	}
	_ = file.Close()
	fresh := filepath.Join(dir, "fresh")
	for _, n := range []string{name, fresh} {
		if err := writeFile(n, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	mode := func(n string) fs.FileMode {
		info, err := os.Stat(n)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode()
	}
	if got := mode(name); got != 0o640 {
		t.Errorf("a replaced file has the mode %v", got)
	}
	if got, want := mode(fresh), mode(plain); got != want {
		t.Errorf("a new file has the mode %v, want %v", got, want)
	}
}

func TestLinksStayLinks(t *testing.T) {
	dir := t.TempDir()
	name, link := filepath.Join(dir, "a"), filepath.Join(dir, "link")
	if err := os.WriteFile(name, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("a", link); err != nil {
		t.Skip(err)
	}
	if err := writeFile(link, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if got := content(t, name, "a", "link"); got != "new" {
		t.Errorf("what the link refers to holds %q", got)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is now %v, %v", info, err)
	}
}

func TestDevicesAreWrittenTo(t *testing.T) {
	before, err := os.Stat(os.DevNull)
	if err != nil || before.Mode().IsRegular() {
		t.Skip("there is no such device")
	}
	if err := writeFile(os.DevNull, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if after, err := os.Stat(os.DevNull); err != nil || after.Mode() != before.Mode() {
		t.Errorf("%s is now %v, %v", os.DevNull, after, err)
	}
}

func TestErrorsNameTheFile(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{dir, filepath.Join(dir, "missing", "a")} {
		_, err := Create(name)
		if pe, ok := errors.AsType[*fs.PathError](err); !ok || pe.Path != name {
			t.Errorf("Create(%q) returns %v", name, err)
		}
	}
}

// writeFile replaces the file with the given name by data.
func writeFile(name string, data []byte) error {
	f, err := Create(name)
	if err != nil {
		return err
	}
	defer f.Discard()
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.Commit()
}
