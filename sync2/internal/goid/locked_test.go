package goid

import (
	"runtime"
	"testing"
)

func TestLocked(t *testing.T) {
	for range 3 {
		done := make(chan struct{})
		go func() {
			defer close(done)
			lock := LockWord(Slot())
			if (lock != nil) != SlotsAreReused() {
				t.Errorf("known %v, want %v", lock != nil, SlotsAreReused())
			}
			for _, want := range []bool{false, true, false} {
				if want {
					runtime.LockOSThread()
				}
				if lock != nil && (*lock != 0) != want {
					t.Errorf("locked %v, want %v", !want, want)
				}
				if want {
					runtime.UnlockOSThread()
				}
			}
		}()
		<-done
	}
}
