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
			for _, want := range []bool{false, true, false} {
				if want {
					runtime.LockOSThread()
				}
				if locked, known := Locked(Slot()); known != SlotsAreReused() || known && locked != want {
					t.Errorf("locked %v, known %v, want %v, %v", locked, known, want, SlotsAreReused())
				}
				if want {
					runtime.UnlockOSThread()
				}
			}
		}()
		<-done
	}
}
