package explore

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
)

// artifact writes the recording of a failure where the test keeps its artifacts, and says where that is. Without the
// flag -artifacts of go test that place is gone when the test is over, so it says how to keep it.
func artifact(t testing.TB, f *Failure) string {
	t.Helper()
	if len(f.Events) == 0 {
		return ""
	}
	if kept := flag.Lookup("test.artifacts"); kept == nil || kept.Value.String() != "true" {
		return "go test -artifacts keeps a recording, which turnstile play shows\n"
	}
	path := filepath.Join(t.ArtifactDir(), "explore.jsonl")
	file, err := os.Create(path) //nolint:gosec // it is where go test wants it
	if err != nil {
		return fmt.Sprintf("the recording could not be kept: %v\n", err)
	}
	err = tracefile.Write(file, f.Events)
	if cerr := file.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Sprintf("the recording could not be kept: %v\n", err)
	}
	return fmt.Sprintf("recording: turnstile play %s\n", path)
}
