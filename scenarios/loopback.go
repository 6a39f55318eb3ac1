package scenarios

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

// The servers of the scenarios are real ones, on addresses that only this machine can reach.

// An undated context hides its deadline. Package net checks deadlines by its own clock, and may see one pass just
// before the context has ended; then there would be no cause to report for a failure.
type undated struct{ context.Context }

// Deadline reports that there is no deadline.
func (undated) Deadline() (deadline time.Time, ok bool) { return time.Time{}, false }

// A conn is one end of a TCP connection. It is closed when the context it was made with ends, so no read or write
// outlasts that context.
type conn struct {
	*net.TCPConn
	unbind func() bool
}

func bind(ctx context.Context, c net.Conn) *conn {
	return &conn{c.(*net.TCPConn), context.AfterFunc(ctx, func() { _ = c.Close() })}
}

// Close closes the connection. It may be called more than once.
func (c *conn) Close() error {
	c.unbind()
	return c.TCPConn.Close()
}

// String returns the address of the other end. Traces show it where a connection is put into a queue.
func (c *conn) String() string { return c.RemoteAddr().String() }

// A listener returns incoming connections.
type listener struct {
	net.Listener
	ctx    context.Context // its connections are closed when this ends
	unbind func() bool
}

// listen returns a listener on a free port. It is closed when ctx ends, and so are its connections.
func listen(ctx context.Context) (*listener, error) {
	l, err := new(net.ListenConfig).Listen(undated{ctx}, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, because(ctx, fmt.Errorf("no server here: %w", err))
	}
	return &listener{l, ctx, context.AfterFunc(ctx, func() { _ = l.Close() })}, nil
}

// next waits for the next connection. It returns nil when the listener is closed. If the machine cannot accept any more
// connections, next closes the listener, so that no client waits for one.
func (l *listener) next() *conn {
	c, err := l.Accept()
	if err != nil {
		_ = l.Close()
		return nil
	}
	return bind(l.ctx, c)
}

// Close makes next return nil. It may be called more than once.
func (l *listener) Close() error {
	l.unbind()
	return l.Listener.Close()
}

// dial connects to the address of l.
func (l *listener) dial() (*conn, error) {
	c, err := new(net.Dialer).DialContext(undated{l.ctx}, "tcp", l.Addr().String())
	if err != nil {
		return nil, because(l.ctx, fmt.Errorf("cannot connect: %w", err))
	}
	return bind(l.ctx, c), nil
}

// because returns why something failed: the end of ctx, if that has ended, or else err.
func because(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// serveHTTP starts a web server with the given handler. Requests end with ctx. It returns the server's URL, a client
// for it, and a function that stops both.
func serveHTTP(ctx context.Context, handler http.HandlerFunc) (url string, client *http.Client, stop func(), err error) {
	l, err := listen(ctx)
	if err != nil {
		return "", nil, nil, err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute, BaseContext: func(net.Listener) context.Context { return ctx }}
	serving := sync2.Go("server", func() { _ = server.Serve(l) }) // its error says that it was closed
	transport := &http.Transport{DisableKeepAlives: true}         // a connection for each request
	return "http://" + l.Addr().String(), &http.Client{Transport: transport}, func() {
		transport.CloseIdleConnections()
		_ = server.Close()
		serving.Join()
	}, nil
}
