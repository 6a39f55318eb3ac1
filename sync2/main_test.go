package sync2_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/turnstile-go/turnstile/sync2"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// until lets other goroutines run until cond holds. It is for tests outside a synctest bubble.
func until(cond func() bool) {
	for !cond() {
		runtime.Gosched()
	}
}

// pass sleeps for d in a synctest bubble, in which all other goroutines run until they block. It panics outside of bubbles,
// where sleeping would guarantee nothing.
func pass(d time.Duration) {
	if time.Now().Year() > 2009 { // in a bubble it is the year 2000 at first
		panic("pass: this is no bubble")
	}
	time.Sleep(d) // of the bubble
}

// ended returns a context that has ended with the given cause.
func ended(cause error) context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(cause)
	return ctx
}

var errTest = errors.New("the test's own cause")

// wantMisuse calls fn and expects it to panic with a UsageError of the given operation.
func wantMisuse(t *testing.T, op string, fn func()) {
	t.Helper()
	defer func() {
		t.Helper()
		r := recover()
		u, ok := r.(*sync2.UsageError)
		if !ok {
			t.Fatalf("%s: panic value %v (%T), want a *UsageError", op, r, r)
		}
		if u.Op != op {
			t.Errorf("UsageError.Op = %q, want %q (%v)", u.Op, op, u)
		}
	}()
	fn()
}

// wantNoAllocs calls fn a hundred times and expects it to allocate nothing.
func wantNoAllocs(t *testing.T, fn func()) {
	t.Helper()
	if n := testing.AllocsPerRun(100, fn); n != 0 && !checkedMutexes {
		t.Errorf("%v allocations", n)
	}
}

func wantErr(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("error = %v, want one that is %v", got, want)
	}
}
