package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/internal/anytest"
)

func goroot(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	root := strings.TrimSpace(string(out))
	if _, err := os.Stat(filepath.Join(root, where)); err != nil {
		t.Skip("this GOROOT has no such programs")
	}
	return root
}

// Every program that registers itself has its line in places.txt, and every place is a line with code.
func TestPlaces(t *testing.T) {
	root := goroot(t)
	ps, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(root, where, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	if len(ps) != len(files)-1 {
		t.Errorf("%d programs, but %d files beside main.go", len(ps), len(files)-1)
	}
	for _, p := range ps {
		text, err := os.ReadFile(filepath.Join(root, where, p.file))
		if err != nil {
			t.Error(err)
			continue
		}
		if !strings.Contains(string(text), `register("`+p.name+`", `+p.name+`)`) {
			t.Errorf("%s does not register %s", p.file, p.name)
		}
		lines := strings.Split(string(text), "\n")
		for _, n := range p.all {
			if n > len(lines) || !waits(lines[n-1]) {
				t.Errorf("%s:%d: nothing waits here", p.file, n)
			}
		}
	}
}

// waits reports whether a line has something in it that can wait.
func waits(line string) bool {
	return slices.ContainsFunc([]string{"Lock()", "<-", "select {", ".Wait()", "range ", "Push()", "Do("}, func(s string) bool { return strings.Contains(line, s) })
}

func TestGrade(t *testing.T) {
	p := program{file: "a.go", sets: [][]int{{10, 20}, {30}}, all: []int{10, 20, 30, 40}}
	for _, test := range []struct {
		places string
		want   grade
	}{
		{"a.go:10 a.go:20", atPlaces},
		{"dir/a.go:30", atPlaces},
		{"a.go:30:7 a.go:40", atPlaces},
		{"a.go:10", partly},
		{"a.go:10 a.go:20 a.go:50", elsewhere},
		{"b.go:30", elsewhere},
		{"", elsewhere},
	} {
		if got := p.grade(&anytest.Failure{Places: strings.Fields(test.places)}); got != test.want {
			t.Errorf("grade of %q = %v, want %v", test.places, got, test.want)
		}
	}
}

// What is made of the programs compiles, and one copy of each is really one.
func TestChanges(t *testing.T) {
	root := goroot(t)
	ps, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := module(dir); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]change{"whole": unmodified, "single": oneCopy} {
		if err := write(filepath.Join(dir, name), root, ps, change, plainTest); err != nil {
			t.Fatal(err)
		}
	}
	fixable := fixable(ps)
	if len(fixable) != len(fixes) {
		t.Errorf("%d programs for %d fixes", len(fixable), len(fixes))
	}
	for name, change := range map[string]change{"fixed": fix, "fixedone": fixedOneCopy} {
		if err := write(filepath.Join(dir, name), root, fixable, change, plainTest); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range ps {
		whole, err := os.ReadFile(filepath.Join(dir, "whole", p.file))
		if err != nil {
			t.Fatal(err)
		}
		original, err := os.ReadFile(filepath.Join(root, where, p.file))
		if err != nil {
			t.Fatal(err)
		}
		if string(whole) != string(original) {
			t.Errorf("%s is not as it is in GOROOT", p.file)
		}
		single, err := os.ReadFile(filepath.Join(dir, "single", p.file))
		if err != nil {
			t.Fatal(err)
		}
		if n := len(copies.FindAllString(string(single), -1)); n > 1 || n == 1 && !strings.Contains(string(single), "< 1; i++") {
			t.Logf("%s has %d loops of many rounds left", p.file, n)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "vet", "-copylocks=false", "-lostcancel=false", "-unreachable=false", "-unusedresult=false", "./...")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
