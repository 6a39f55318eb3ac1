package stacks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// A Service is a service that returns profiles of its goroutines.
type Service struct {
	url    url.URL
	client http.Client
	limit  int64 // of an answer, in bytes
}

// Limits on the time and the size of an answer.
const (
	patience  = 20 * time.Second
	maxAnswer = 72 << 20 // net/http/pprof itself stops at 64 MB
)

// IsURL reports whether text is meant as the URL of a service.
func IsURL(text string) bool {
	low := strings.ToLower(text)
	return strings.HasPrefix(low, "http://") || strings.HasPrefix(low, "https://")
}

// NewService returns the Service whose handlers of net/http/pprof are at the URL text: the URL of /debug/pprof/ or of
// its goroutine profile, or that of the host if they are at the usual path.
func NewService(text string) (*Service, error) {
	u, err := url.Parse(text)
	var bad *url.Error
	switch {
	case errors.As(err, &bad):
		return nil, fmt.Errorf("the URL %q: %w", text, bad.Err)
	case err != nil:
		return nil, fmt.Errorf("the URL %q: %w", text, err)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("the URL %q: it must begin with http:// or https://", text)
	case u.Host == "":
		return nil, fmt.Errorf("the URL %q names no host", text)
	}
	switch at := strings.TrimSuffix(u.Path, "/"); {
	case at == "":
		u.Path = "/debug/pprof/goroutine"
	case !strings.HasSuffix(at, "/goroutine"):
		u.Path = at + "/goroutine"
	default:
		u.Path = at
	}
	q := u.Query()
	q.Set("debug", "2")
	u.RawQuery, u.Fragment = q.Encode(), ""
	return &Service{url: *u, client: http.Client{Timeout: patience}, limit: maxAnswer}, nil
}

// String returns the URL of the service, without a password.
func (s *Service) String() string { return s.url.Redacted() }

// errAway means that the service does not answer.
var errAway = errors.New("nobody answers there")

// fetch fetches a profile.
func (s *Service) fetch(ctx context.Context) ([]Goroutine, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url.String(), nil)
	if err != nil {
		return nil, s.fails(err)
	}
	res, err := s.client.Do(req)
	if err != nil {
		return nil, s.fails(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, s.fails(fmt.Errorf("it answers %s; %w", res.Status, errNoProfile))
	}
	body := &io.LimitedReader{R: res.Body, N: s.limit}
	all, err := Parse(body)
	if body.N <= 0 {
		err = fmt.Errorf("it answers with more than %d MB", s.limit>>20)
	}
	if err != nil {
		return nil, s.fails(err)
	}
	return all, nil
}

// fails returns an error that names the service.
func (s *Service) fails(err error) error {
	var of *url.Error
	timeout := errors.As(err, &of) && of.Timeout()
	var slow interface{ Timeout() bool }
	timeout = timeout || errors.As(err, &slow) && slow.Timeout()
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case timeout:
		return fmt.Errorf("%s: no whole answer within %v", s, s.client.Timeout)
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF):
		return fmt.Errorf("%s: %w: %w", s, errAway, cause(err))
	}
	return fmt.Errorf("%s: %w", s, cause(err))
}

// cause returns err without the method and the URL, which are known.
func cause(err error) error {
	if of, ok := errors.AsType[*url.Error](err); ok {
		return of.Err
	}
	return err
}
