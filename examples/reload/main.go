// Command reload serves requests with a configuration that is replaced while it runs: requests never wait for a reload, and
// each uses the same configuration from beginning to end.
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/turnstile-go/turnstile/sync2"
)

// A config is what can be changed while the service runs. It is never written to: a new one takes its place.
type config struct{ greeting string }

// A service answers requests.
type service struct{ config *sync2.Watch[*config] }

func (s *service) handle(name string) string {
	c, version := s.config.Get() // once: all of the request goes by this one
	return fmt.Sprintf("%s, %s (version %d)", c.greeting, name, version)
}

// follow writes each configuration that it sees to w, until ctx ends. Of some that follow each other quickly it sees the last.
func (s *service) follow(ctx context.Context, w io.Writer) error {
	for after := uint64(0); ; {
		c, version, err := s.config.WaitContext(ctx, after)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "version %d: %q\n", version, c.greeting)
		after = version
	}
}

func main() {
	s := &service{sync2.NewWatch(&config{"Hello"})}
	group := sync2.NewGroup(context.Background())
	seen := make(chan struct{})
	group.Go("follow", func(ctx context.Context) error { return s.follow(ctx, os.Stdout) })
	group.Go("serve", func(context.Context) error {
		defer close(seen)
		fmt.Println(s.handle("Ann"))
		s.config.Set(&config{"Good evening"})
		fmt.Println(s.handle("Ben"))
		s.config.Update(func(old *config) *config { return &config{old.greeting + ", dear"} })
		fmt.Println(s.handle("Carl"))
		return nil
	})
	<-seen
	group.Cancel(nil)
	_ = group.Wait() // it was canceled
}
