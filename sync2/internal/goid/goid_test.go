package goid

import (
	"sync"
	"testing"
)

func TestGetIsTheIDInStackTraces(t *testing.T) {
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if got, want := Get(), parse(); got != want || got <= 0 {
				t.Errorf("Get = %d, the stack trace says %d", got, want)
			}
		})
	}
	wg.Wait()
}

func TestTheFastWayIsFound(t *testing.T) {
	if farthest > 0 && offset == 0 {
		t.Error("the id was not found in the g structure: each call reads a stack trace")
	}
}

// Where the offset is not known self goes on in Go, at whatever depth of the stack.
func TestSlowWay(t *testing.T) {
	defer func(known uintptr) { offset = known }(offset)
	offset = 0
	var descend func(depth int) int64
	descend = func(depth int) int64 {
		if depth > 0 {
			return descend(depth - 1)
		}
		return Get()
	}
	for depth := range 200 {
		got, want := make(chan int64), make(chan int64)
		go func() { want <- parse(); got <- descend(depth) }()
		if want := <-want; <-got != want {
			t.Fatalf("at depth %d Get was wrong, want %d", depth, want)
		}
	}
	if slot, id := Self(); slot != uintptr(id) || SlotsAreReused() {
		t.Errorf("without the g structure the slot is %d, want the id %d, which is not reused", slot, id)
	}
}

// A place where the id stands by accident is not taken for it.
func TestPlacesOfID(t *testing.T) {
	known := offset
	defer func() { offset = known }()
	if farthest == 0 {
		return
	}
	places := placesOfID([]uintptr{known, 8})
	if len(places) != 1 || places[0] != known {
		t.Errorf("the id stands at %v, want %d alone", places, known)
	}
}

func TestSlotIsItsOwn(t *testing.T) {
	const n = 100
	var mu sync.Mutex
	seen := map[uintptr]bool{}
	var in, out sync.WaitGroup
	in.Add(n)
	for range n {
		out.Go(func() {
			mu.Lock()
			seen[Slot()] = true
			mu.Unlock()
			in.Done()
			in.Wait() // all alive at once
			if Slot() == 0 {
				t.Error("Slot is 0")
			}
		})
	}
	out.Wait()
	if len(seen) != n {
		t.Errorf("%d goroutines alive at once had %d slots", n, len(seen))
	}
}

func TestAlive(t *testing.T) {
	stop := make(chan struct{})
	ids := make(chan int64)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() { ids <- Get(); <-stop })
	}
	started := map[int64]bool{Get(): true}
	for range 50 {
		started[<-ids] = true
	}
	alive := Alive()
	for id := range started {
		if !alive[id] {
			t.Errorf("goroutine %d is not among the living", id)
		}
	}
	close(stop)
	wg.Wait()
}

func TestParseHeader(t *testing.T) {
	if id := parseHeader("goroutine 18446 [running]:\nmain.main()"); id != 18446 {
		t.Errorf("id = %d", id)
	}
	for _, bad := range []string{"", "goroutine", "goroutine x [running]", "panic: "} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("parseHeader(%q) did not panic", bad)
				}
			}()
			parseHeader(bad)
		}()
	}
}
