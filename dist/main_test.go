package dist

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if child, ok := children[os.Getenv("TURNSTILE_DIST_CHILD")]; ok {
		os.Exit(child())
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		for _, f := range finally {
			f()
		}
		os.Exit(code)
	}))
}

// finally holds the functions to call when all tests have ended.
var finally []func()

// children are the functions that the test binary runs instead of tests when a test starts it.
var children = map[string]func() int{}

// open returns a space with an engine of its own, and closes it in the end.
func open(tb testing.TB, opts ...Option) *Space {
	tb.Helper()
	s, err := Open(tb.Context(), opts...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// join returns another space on the same engine, as another process would have it.
func join(tb testing.TB, s *Space) *Space {
	tb.Helper()
	return open(tb, WithURL(s.URL()), WithName(tb.Name()))
}

// served returns a space whose engine listens.
func served(tb testing.TB) *Space {
	tb.Helper()
	return open(tb, WithListen("127.0.0.1:0"))
}

// must returns v if there is no error.
func must[T any](tb testing.TB) func(v T, err error) T {
	tb.Helper()
	return func(v T, err error) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

// reach waits until cond holds, such as that another goroutine waits, which only the engine knows.
func reach(tb testing.TB, s *Space, cond func() bool) {
	tb.Helper()
	changes, err := s.nc.SubscribeSync(s.news(">"))
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = changes.Unsubscribe() }()
	if err := s.nc.Flush(); err != nil {
		tb.Fatal(err)
	}
	for !cond() {
		if _, err := changes.NextMsgWithContext(tb.Context()); err != nil {
			tb.Fatal(err)
		}
	}
}
