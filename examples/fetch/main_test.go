package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		err := fetch(t.Context(), &out, 2, 45*time.Millisecond, []string{"/", "/very/slow", "/abc", "/ab"}, pretend)
		if want := "/: 100 bytes\n/very/slow: too slow\n/abc: 400 bytes\n/ab: 300 bytes\n"; out.String() != want || err == nil || err.Error() != "1 of 4 pages failed" {
			t.Errorf("%v\n%s", err, out.String())
		}
	})
}

// The deadline of all ends what has begun and cancels what has not.
func TestFetchDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 25*time.Millisecond)
		defer cancel()
		var out strings.Builder
		err := fetch(ctx, &out, 1, time.Second, []string{"/", "/abcdef", "/b"}, pretend)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.HasPrefix(out.String(), "/: 100 bytes\n") || strings.Contains(out.String(), "/b: 200") {
			t.Errorf("%v\n%s", err, out.String())
		}
	})
}
