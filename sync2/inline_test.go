package sync2_test

import (
	"os/exec"
	"strings"
	"testing"
)

// Some fast paths are written so that the compiler can inline them, which halves their cost. They are so near the
// inlining limit that one more expression exceeds it.
func TestFastPathsAreInlined(t *testing.T) {
	if explored {
		t.Skip("the explorer's standard library is compiled otherwise")
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-gcflags=-m", ".")
	build.Env = append(build.Environ(), "GOARCH=amd64") // where words have 32 bits, an atomic operation is a call
	out, err := build.CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	said := string(out) + "\n"
	for _, f := range []string{
		"(*Event).IsSet", "(*Event).Wait", "(*Mutex).Lock", "(*Mutex).Unlock", "(*RWMutex).Lock", "(*RWMutex).Unlock", "(*RWMutex).RLock", "(*RWMutex).RUnlock",
		"(*WaitGroup).Wait", "(*Once).Do",
	} {
		if !strings.Contains(said, ": can inline "+f+"\n") {
			t.Errorf("%s can no longer be inlined", f)
		}
	}
}
