package sync2_test

import (
	"fmt"
	"testing"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A running trace defines a primitive when it is named, before its first use, and only once.
func TestNameDeclares(t *testing.T) {
	var lock sync2.Mutex
	for _, tt := range []struct {
		of    any
		class trace.Class
		more  int // events that tell of other objects
	}{
		{sync2.NewBarrier(2), trace.ClassBarrier, 0},
		{new(sync2.Event), trace.ClassEvent, 0},
		{sync2.NewSemaphore(3), trace.ClassSemaphore, 0},
		{new(sync2.Mutex), trace.ClassMutex, 0},
		{new(sync2.RWMutex), trace.ClassRWMutex, 0},
		{new(sync2.ReentrantLock), trace.ClassReentrantLock, 0},
		{sync2.NewCond(&lock), trace.ClassCond, 1}, // and of its lock
		{sync2.NewQueue[int](4), trace.ClassQueue, 0},
		{sync2.NewStack[int](4), trace.ClassStack, 0},
		{sync2.NewPromise[int]().Future(), trace.ClassFuture, 0},
		{new(sync2.WaitGroup), trace.ClassWaitGroup, 0},
		{new(sync2.Once), trace.ClassOnce, 0},
		{new(sync2.Local[int]), trace.ClassLocal, 0},
		{sync2.NewWatch(7), trace.ClassWatch, 0},
		{new(sync2.KeyedMutex[string]), trace.ClassKeyedMutex, 0},
		{new(sync2.Flight[string, int]), trace.ClassFlight, 0},
		{sync2.NewGroup(t.Context()), trace.ClassTaskGroup, 0},
		{sync2.NewExecutor(2), trace.ClassExecutor, 0},
	} {
		t.Run(fmt.Sprint(tt.class), func(t *testing.T) {
			trace.Name(tt.of, "early") // without a trace it is kept for later
			b := new(bystander)
			if err := trace.Start(b); err != nil {
				t.Fatal(err)
			}
			defer trace.Stop()
			for range 2 {
				trace.Name(tt.of, "thing")
			}
			o := b.object("thing")
			switch {
			case o == nil:
				t.Fatal("the trace does not define it")
			case o.Class != tt.class:
				t.Errorf("it is a %v", o.Class)
			case len(o.Queue) != 0 || b.err != nil:
				t.Errorf("%d wait, error %v", len(o.Queue), b.err)
			}
			if want := 4 + tt.more; b.events != want { // the start, the definition, the goroutine that names it again, the second name
				t.Errorf("%d events, want %d", b.events, want)
			}
		})
	}
}

// The definition of a primitive comes with its current holders and waiters.
func TestNameDeclaresWhatIsThere(t *testing.T) {
	lock := new(sync2.Mutex)
	lock.Lock()
	b := new(bystander)
	if err := trace.Start(b); err != nil {
		t.Fatal(err)
	}
	defer trace.Stop()
	trace.Name(lock, "lock")
	if o := b.object("lock"); o == nil || o.Depth == 0 {
		t.Errorf("the trace defines %+v", o)
	}
	lock.Unlock()
	if b.err != nil {
		t.Error(b.err)
	}
}
