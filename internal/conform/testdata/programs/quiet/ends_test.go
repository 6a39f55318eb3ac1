package quiet

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
)

// TestEndOfBubble leaves a goroutine in a bubble. It takes something from a pool of the standard library when it is ended, and
// all pools are empty then.
func TestEndOfBubble(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("all goroutines of the bubble are blocked, and nothing is said of it")
		}
	}()
	synctest.Test(t, func(*testing.T) {
		defer func() {
			runtime.GC()
			_ = fmt.Sprint("the end")
		}()
		select {}
	})
}

// What tally counts.
var (
	tallyMu sync.Mutex
	began   int
	ended   int
)

// tally takes its time, and needs the variables to stay what they are meanwhile.
func tally() {
	tallyMu.Lock()
	defer tallyMu.Unlock()
	began++
	for range 200_000 {
		runtime.KeepAlive(began)
	}
	ended++
	if began != ended {
		panic(fmt.Sprint("began ", began, " times, and ended ", ended, " times"))
	}
}

// TestFinalizers leaves a finalizer and a cleanup, which the runtime runs when it likes, also while the next run begins.
func TestFinalizers(t *testing.T) {
	runtime.SetFinalizer(new([16]int), func(*[16]int) { tally() })
	runtime.AddCleanup(new([16]int), func(int) { tally() }, 0)
	var wg sync.WaitGroup
	var mu sync.Mutex
	for range 2 {
		wg.Go(func() {
			for range 4 {
				mu.Lock()
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	runtime.GC()
}
