package cache

import (
	"path/filepath"
	"testing"
)

// The directory is absolute, since the go command is also run elsewhere.
func TestDirIsAbsolute(t *testing.T) {
	want, err := filepath.Abs("here")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Dir(func(string) string { return "here" })
	if err != nil || got != want {
		t.Errorf("Dir() = %q, %v, want %q", got, err, want)
	}
}
