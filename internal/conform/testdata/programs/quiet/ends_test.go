package quiet

import (
	"fmt"
	"runtime"
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
