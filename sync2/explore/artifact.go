package explore

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// artifact writes the recording of a failure where the test keeps its artifacts, and says where that is. Without the
// flag -artifacts of go test that place is gone when the test is over, and nothing is said.
func artifact(t testing.TB, f *Failure) string {
	t.Helper()
	if len(f.Events) == 0 {
		return ""
	}
	path := filepath.Join(t.ArtifactDir(), "explore.s2trace")
	file, err := os.Create(path) //nolint:gosec // it is where go test wants it
	if err != nil {
		return fmt.Sprintf("the recording could not be kept: %v\n", err)
	}
	err = trace.Write(file, f.Events)
	if cerr := file.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Sprintf("the recording could not be kept: %v\n", err)
	}
	return fmt.Sprintf("recording: %s\n", path)
}
