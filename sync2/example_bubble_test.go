package sync2_test

// The tests of docs/testing.md, word by word.

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

func TestDoorOpensForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var door sync2.Event
		var through atomic.Int32
		for range 3 {
			sync2.Go("guest", func() {
				door.Wait()
				through.Add(1)
			})
		}
		synctest.Wait() // all three stand at the door now
		if n := door.Waiting(); n != 3 {
			t.Fatalf("%d wait, want 3", n)
		}
		door.Set()
		synctest.Wait()
		if n := through.Load(); n != 3 {
			t.Errorf("%d are through, want 3", n)
		}
	})
}

func TestGivesUpAfterAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := sync2.NewSemaphore(0)
		start := time.Now()
		if pool.AcquireTimeout(time.Minute) {
			t.Error("acquired a permit of an empty semaphore")
		}
		if d := time.Since(start); d != time.Minute {
			t.Errorf("gave up after %v, want exactly a minute", d)
		}
		if pool.Waiting() != 0 {
			t.Error("it left a waiter behind")
		}
	})
}
