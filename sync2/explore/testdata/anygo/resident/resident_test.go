// Package resident starts a goroutine and defines a flag when it is initialized.
package resident

import (
	"flag"
	"os"
	"strconv"
	"sync"
	"testing"
)

var _ = flag.Bool("anygo-resident", false, "")

var jobs = make(chan func())

func init() {
	go func() {
		for job := range jobs {
			job()
		}
	}()
}

// initialized is the number of times that the package has been initialized in the process.
var initialized = func() int {
	n, _ := strconv.Atoi(os.Getenv("ANYGO_RESIDENT"))
	os.Setenv("ANYGO_RESIDENT", strconv.Itoa(n+1))
	return n + 1
}()

// TestOnce fails if the package has been initialized again.
func TestOnce(t *testing.T) {
	both()
	if initialized != 1 {
		t.Errorf("initialized %d times", initialized)
	}
}

func TestAgain(t *testing.T) { both() }

func both() {
	var wg sync.WaitGroup
	var mu sync.Mutex
	for range 2 {
		wg.Go(func() {
			mu.Lock()
			defer mu.Unlock()
		})
	}
	wg.Wait()
}
