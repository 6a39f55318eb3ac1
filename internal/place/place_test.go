package place

import (
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
)

func TestPath(t *testing.T) {
	if filepath.Separator != '/' {
		t.Skip("the paths are those of other systems")
	}
	for _, tt := range []struct{ wd, file, want string }{
		{"/home/ann/bank", "/home/ann/bank/bank_test.go", "bank_test.go"},
		{"/home/ann/bank", "/home/ann/bank/vault/vault.go", "vault/vault.go"},
		{"/home/ann/bank", "/home/ann/till/till.go", "../till/till.go"},
		{"/home/ann/bank/a/b/c", "/go/x.go", "/go/x.go"}, // no longer than necessary
		{"/", "/x.go", "x.go"},
		{"/home/ann/bank", "example.com/bank/bank.go", "example.com/bank/bank.go"}, // -trimpath
		{"/home/ann", "/home/ann/go/pkg/mod/github.com/turnstile-go/turnstile@v0.1.0/scenarios/dishes.go", "scenarios/dishes.go"},
		{"/home/ann", "github.com/turnstile-go/turnstile@v0.1.0/scenarios/dishes.go", "scenarios/dishes.go"},
		{"/home/ann", "github.com/turnstile-go/turnstile/scenarios/dishes.go", "scenarios/dishes.go"},
		{"/home/ann", "/home/ann/go/pkg/mod/github.com/turnstile-go/turnstile@v0.1.0/sync2/mutex.go", "go/pkg/mod/github.com/turnstile-go/turnstile@v0.1.0/sync2/mutex.go"},
		{"/home/ann", "/home/ann/src/github.com/turnstile-go/turnstile/scenarios/dishes.go", "src/github.com/turnstile-go/turnstile/scenarios/dishes.go"},
		{"/home/ann", "/home/ann/go/pkg/mod/example.com/bank@v1.0.0/bank.go", "go/pkg/mod/example.com/bank@v1.0.0/bank.go"},
		{"", "/home/ann/bank/bank.go", "/home/ann/bank/bank.go"},
		{"/home/ann/bank", "", ""},
	} {
		if got := pathFrom(tt.wd, tt.file); got != tt.want {
			t.Errorf("from %s %s is %s, want %s", tt.wd, tt.file, got, tt.want)
		}
	}
}

// A place does not depend on the directory that a test has changed to.
func TestOf(t *testing.T) {
	_, file, line, _ := runtime.Caller(0)
	t.Chdir(t.TempDir())
	if got, want := Of(file, line), "place_test.go:"+strconv.Itoa(line); got != want && filepath.IsAbs(file) {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A file of a program built with -trimpath is named by the path of its module.
func TestSetModule(t *testing.T) {
	wd := dir
	defer func() { dir = wd; SetModule("", "") }()
	dir = "/home/ann/bank/vault"
	SetModule("example.com/bank", "/home/ann/bank")
	for file, want := range map[string]string{
		"example.com/bank/vault/vault.go":  "vault.go",
		"example.com/bank/bank.go":         "../bank.go",
		"example.com/banks/bank.go":        "example.com/banks/bank.go",
		"/home/ann/bank/vault/vault.go":    "vault.go",
		"example.com/bank@v1.0.0/other.go": "example.com/bank@v1.0.0/other.go",
	} {
		if got := filepath.ToSlash(Path(file)); got != want {
			t.Errorf("%s is %s, want %s", file, got, want)
		}
	}
}
