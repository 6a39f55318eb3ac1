package sync2_test

import (
	"runtime"
	"sync"
	"testing"

	"github.com/turnstile-go/turnstile/internal/nightly"
	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/internal/goid"
)

func TestLocalIsPerGoroutine(t *testing.T) {
	var l sync2.Local[string]
	if v, ok := l.Get(); v != "" || ok {
		t.Errorf("Get = %q, %v", v, ok)
	}
	l.Set("main")
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if v, ok := l.Get(); ok {
				t.Errorf("a new goroutine sees %q", v)
			}
			l.Set("other")
			if v, _ := l.Get(); v != "other" {
				t.Errorf("Get = %q", v)
			}
		})
	}
	wg.Wait()
	if v, ok := l.Get(); v != "main" || !ok {
		t.Errorf("Get = %q, %v", v, ok)
	}
	l.Set("again")
	if v, _ := l.Get(); v != "again" {
		t.Errorf("Get = %q", v)
	}
	l.Delete()
	l.Delete()
	if v, ok := l.Get(); ok {
		t.Errorf("after Delete Get = %q", v)
	}
	l.Set("back")
	if v, _ := l.Get(); v != "back" {
		t.Errorf("Get = %q", v)
	}
	sync2.ReleaseLocals()
	if v, ok := l.Get(); ok {
		t.Errorf("after ReleaseLocals Get = %q", v)
	}
}

func TestLocalNew(t *testing.T) {
	made := 0
	l := sync2.Local[*int]{New: func() *int { made++; return &made }}
	defer sync2.ReleaseLocals()
	for range 3 {
		if v, ok := l.Get(); v != &made || !ok {
			t.Errorf("Get = %v, %v", v, ok)
		}
	}
	l.Delete()
	_, _ = l.Get()
	if made != 2 {
		t.Errorf("New was called %d times, want 2", made)
	}
}

// Values of earlier goroutines never show, though the runtime reuses their descriptors.
func TestLocalNeverShowsInALaterGoroutine(t *testing.T) {
	var l sync2.Local[int]
	for wave := range 200 {
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				if v, ok := l.Get(); ok {
					t.Errorf("wave %d sees %d", wave, v)
				}
				if i%2 == 0 {
					l.Set(wave)
				}
			})
		}
		wg.Wait()
	}
}

// cleaned returns a value and a channel that is closed when nothing holds the value anymore.
func cleaned() (*[100]int, <-chan struct{}) {
	v, freed := new([100]int), make(chan struct{})
	runtime.AddCleanup(v, func(c chan struct{}) { close(c) }, freed)
	return v, freed
}

// collect runs the garbage collector until freed is closed.
func collect(freed <-chan struct{}) {
	until(func() bool {
		runtime.GC()
		select {
		case <-freed:
			return true
		default:
			return false
		}
	})
}

func TestLocalValuesEndWithGo(t *testing.T) {
	var l sync2.Local[*[100]int]
	freed := make(chan (<-chan struct{}), 1)
	sync2.Go("setter", func() {
		v, f := cleaned()
		l.Set(v)
		freed <- f
	}).Join()
	collect(<-freed)
	runtime.KeepAlive(&l)
}

// An unreachable Local frees all its values, including those of goroutines that are still running.
func TestLocalUnreachableFreesItsValues(t *testing.T) {
	defer sync2.ReleaseLocals()
	collect(func() <-chan struct{} {
		l := new(sync2.Local[*[100]int])
		v, freed := cleaned()
		l.Set(v)
		return freed
	}())
}

// What plain goroutines leave behind is bounded by the peak number alive at once.
func TestLocalMemoryIsBoundedByThePeak(t *testing.T) {
	var l sync2.Local[[128]byte]
	wave := func() {
		var wg sync.WaitGroup
		for range 1000 {
			wg.Go(func() { l.Set([128]byte{1}) })
		}
		wg.Wait()
	}
	for range 20 {
		wave()
	}
	before, waves := heapInUse(), nightly.Or(100, 1000)
	for range waves {
		wave()
	}
	if after := heapInUse(); after > before+1<<20 {
		t.Errorf("the heap grew from %d to %d bytes in %d waves of 1,000 goroutines", before, after, waves)
	}
	runtime.KeepAlive(&l)
}

func TestLocalManyInOneGoroutine(t *testing.T) {
	defer sync2.ReleaseLocals()
	locals := make([]sync2.Local[int], 500)
	for i := range locals {
		locals[i].Set(i)
	}
	for i := range locals {
		if v, ok := locals[i].Get(); v != i || !ok {
			t.Fatalf("Local %d: %d, %v", i, v, ok)
		}
	}
}

func TestLocalHammer(t *testing.T) {
	var l sync2.Local[int]
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			for round := range 20 {
				sync2.Go("hammer", func() {
					for i := range 20 {
						l.Set(round*100 + i)
						runtime.Gosched()
						if v, ok := l.Get(); !ok || v != round*100+i {
							t.Errorf("Get = %d, %v, want %d", v, ok, round*100+i)
						}
						if i%7 == 6 {
							l.Delete()
						}
					}
				}).Join()
			}
		})
	}
	wg.Wait()
}

func TestLocalAllocatesNothing(t *testing.T) {
	defer sync2.ReleaseLocals()
	var l sync2.Local[int]
	l.Set(1)
	if n := testing.AllocsPerRun(100, func() { l.Set(2); _, _ = l.Get() }); n != 0 && goid.SlotsAreReused() {
		t.Errorf("%v allocations", n)
	}
}
