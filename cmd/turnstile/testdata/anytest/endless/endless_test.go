package endless

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"
)

// TestEndless says who it is, and runs until it is killed.
func TestEndless(t *testing.T) {
	if os.Getenv("DEAF") != "" {
		signal.Ignore(os.Interrupt, syscall.SIGTERM)
	}
	if err := os.WriteFile(os.Getenv("PIDFILE"), fmt.Append(nil, os.Getpid()), 0o600); err != nil {
		t.Fatal(err)
	}
	for {
	}
}
