package long

import (
	"log"
	"os"
	"sync"
	"testing"
)

var left sync.Mutex

// TestLeaves leaves a goroutine, which waits for what comes from outside and has locked a variable that is put back. What there is to
// end it, and to see that it has ended, is kept in variables of the standard library, which are not.
func TestLeaves(t *testing.T) {
	r, end, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ended, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	os.Stdin = end
	log.SetOutput(ended)
	begun := make(chan bool)
	go func() {
		defer w.Close()
		left.Lock()
		defer left.Unlock()
		close(begun)
		_, _ = r.Read(make([]byte, 1))
	}()
	<-begun
}

// TestAfterLeaves lets the goroutine end that TestLeaves has left, as the only one of its run.
func TestAfterLeaves(t *testing.T) {
	ended, ok := log.Writer().(*os.File)
	if !ok || ended == os.Stderr {
		t.Skip("TestLeaves has not been run")
	}
	_ = os.Stdin.Close()
	_, _ = ended.Read(make([]byte, 1))
	left.Lock()
	left.Unlock() //nolint:staticcheck // nobody else has it
}
