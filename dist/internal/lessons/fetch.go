package lessons

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/turnstile-go/turnstile/dist"
)

// Processes fetch pages: they take addresses from one queue and put the pages into another.
func fetch(ctx context.Context, l *lesson) error {
	const pages = 6
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.pause(r.Context(), 900*time.Millisecond)
		_, _ = fmt.Fprintf(w, "this is %s", r.URL.Path) //nolint:gosec // plain text, which only these programs read
	})}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(listener) // until it is closed
	}()
	defer func() {
		_ = server.Close()
		<-ended
	}()
	addresses, err := dist.NewQueue[string](l.Space, "addresses")
	if err != nil {
		return err
	}
	results, err := dist.NewQueue[string](l.Space, "pages")
	if err != nil {
		return err
	}
	if _, err := l.hire(ctx, orders{Role: "fetcher", Name: "fetcher", From: "http://" + listener.Addr().String()}, 1, 2, 3); err != nil {
		return err
	}
	for i := range pages {
		if err := addresses.PutContext(ctx, fmt.Sprintf("/%d", i+1)); err != nil {
			return err
		}
	}
	got := make(map[string]bool)
	for len(got) < pages {
		item, err := results.GetContext(ctx)
		if err != nil {
			return err
		}
		got[item.Value] = true
		if err := item.Done(); err != nil {
			return err
		}
	}
	if err := addresses.JoinContext(ctx); err != nil {
		return err
	}
	for _, w := range l.crew {
		if _, err := w.dismiss(); err != nil {
			return err
		}
	}
	for i := range pages {
		if want := fmt.Sprintf("this is /%d", i+1); !got[want] {
			return fmt.Errorf("%q was not fetched", want)
		}
	}
	l.Log("%d pages are here", pages)
	return nil
}

// fetcher fetches until it is dismissed.
func fetcher(ctx context.Context, h *hand) error {
	addresses, err := dist.NewQueue[string](h.Space, "addresses")
	if err != nil {
		return err
	}
	results, err := dist.NewQueue[string](h.Space, "pages")
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	return each(ctx, addresses, func(item *dist.Item[string]) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.From+item.Value, nil)
		if err != nil {
			return err
		}
		res, err := client.Do(req)
		if err != nil {
			return errors.Join(err, item.Retry(0)) // another fetches it
		}
		text, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil {
			return errors.Join(err, item.Retry(0))
		}
		// The result is stored before the address is done: at worst there are two results, never none.
		if err := results.PutContext(ctx, string(text)); err != nil {
			return err
		}
		return item.Done()
	})
}
