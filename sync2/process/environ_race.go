//go:build race

package process

import (
	"os"
	"strings"
)

// environ returns the environment of workers. The race detector makes a program that exits wait for a second, so that
// other goroutines can still report races; a worker that was asked to exit has none.
func environ() []string {
	const exitNow = "atexit_sleep_ms"
	env := os.Environ()
	gorace := os.Getenv("GORACE")
	if strings.Contains(gorace, exitNow) {
		return env
	}
	return append(env, strings.TrimSpace("GORACE="+gorace+" "+exitNow+"=0"))
}
