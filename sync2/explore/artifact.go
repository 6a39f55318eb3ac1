package explore

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
)

// artifact writes the recording of a failure to the test's artifact directory, and says where that is. Without the
// flag -artifacts of go test the directory is removed after the test, so it says how to keep it.
func artifact(t testing.TB, f *Failure) string {
	t.Helper()
	if len(f.Events) == 0 {
		return ""
	}
	if kept := flag.Lookup("test.artifacts"); kept == nil || kept.Value.String() != "true" {
		return "go test -artifacts keeps a recording, which turnstile play shows\n"
	}
	path := filepath.Join(t.ArtifactDir(), "explore.jsonl")
	if err := writeRecording(path, f.Events); err != nil {
		return fmt.Sprintf("the recording could not be kept: %v\n", err)
	}
	return fmt.Sprintf("recording: turnstile play %s\n", path)
}

// writeRecording writes events to the file called path.
func writeRecording(path string, events []trace.Event) error {
	file, err := os.Create(path) //nolint:gosec // go test or the user chooses the path
	if err != nil {
		return err // it names the file
	}
	err = tracefile.Write(file, events)
	if cerr := file.Close(); err == nil {
		err = cerr
	}
	return err // it names the file
}
