package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/turnstile-go/turnstile/sync2"
)

// Whoever follows sees the latest configuration, and never an older one after it; requests go by the newest.
func TestReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{sync2.NewWatch(&config{"a"})}
		ctx, cancel := context.WithCancelCause(t.Context())
		var out strings.Builder
		done := make(chan error)
		go func() { done <- s.follow(ctx, &out) }()
		synctest.Wait()
		if got := s.handle("x"); got != "a, x (version 1)" {
			t.Error(got)
		}
		s.config.Set(&config{"b"})
		synctest.Wait()
		s.config.Set(&config{"c"})
		s.config.Set(&config{"d"})
		synctest.Wait()
		if got := s.handle("x"); got != "d, x (version 4)" {
			t.Error(got)
		}
		why := errors.New("enough")
		cancel(why)
		if err := <-done; !errors.Is(err, why) {
			t.Error(err)
		}
		if got := out.String(); !strings.HasPrefix(got, "version 1: \"a\"\nversion 2: \"b\"\n") || !strings.HasSuffix(got, "version 4: \"d\"\n") {
			t.Error(got)
		}
	})
}
