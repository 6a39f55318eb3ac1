package feed

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// One is a Source of one stream.
type One struct{ Stream Stream }

// Next implements Source.
func (o *One) Next(context.Context) (Stream, error) {
	if o.Stream == nil {
		return nil, io.EOF
	}
	s := o.Stream
	o.Stream = nil
	return s, nil
}

// A Socket is a Source of the traces that programs send to a Unix socket, one after another: a second program waits
// until the first has ended.
type Socket struct {
	l     *net.UnixListener
	path  string
	mu    sync.Mutex // held while the deadline is set
	ended atomic.Bool
}

// Listen creates the socket path, which only its owner may use. It replaces a socket at which no process listens anymore;
// anything else of that name is an error. The caller must call Close.
func Listen(path string) (*Socket, error) {
	if info, err := os.Lstat(path); err == nil {
		if info.Mode().Type() != os.ModeSocket {
			return nil, fmt.Errorf("%s exists and is not a socket", path)
		}
		if conn, err := net.Dial("unix", path); err == nil { //nolint:noctx // it takes no time
			_ = conn.Close()
			return nil, fmt.Errorf("another process already listens at %s", path)
		}
	}
	// Create it where no other user can reach it, and rename it once only the owner may use it.
	dir, err := os.MkdirTemp(filepath.Dir(path), ".turnstile-")
	if err != nil {
		return nil, fmt.Errorf("the socket: %w", err)
	}
	defer os.RemoveAll(dir)
	made := filepath.Join(dir, "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: made, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("the socket: %w", err)
	}
	l.SetUnlinkOnClose(false)
	if err = os.Chmod(made, 0o600); err == nil {
		err = os.Rename(made, path)
	}
	if err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("the socket: %w", err)
	}
	return &Socket{l: l, path: path}, nil
}

// Next implements Source. It returns io.EOF once s is closed. A program that connects and sends nothing is ignored:
// it only checks whether a process listens.
func (s *Socket) Next(ctx context.Context) (Stream, error) {
	for {
		conn, err := s.accept(ctx)
		if err != nil {
			return nil, err
		}
		_ = conn.SetReadDeadline(time.Now().Add(time.Second))
		r := bufio.NewReader(conn)
		if _, err := r.Peek(1); err != nil {
			_ = conn.Close()
			continue
		}
		_ = conn.SetReadDeadline(time.Time{})
		return Decode(sender{r, conn}), nil
	}
}

// A sender is a connection whose first bytes have been read.
type sender struct {
	io.Reader
	io.Closer
}

func (s *Socket) accept(ctx context.Context) (net.Conn, error) {
	s.mu.Lock()
	if !s.ended.Load() {
		_ = s.l.SetDeadline(time.Time{}) // a canceled Accept left one
	}
	s.mu.Unlock()
	stop := context.AfterFunc(ctx, func() { _ = s.l.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	conn, err := s.l.Accept()
	if err != nil && s.ended.Load() && ctx.Err() == nil {
		_ = s.l.SetDeadline(time.Now().Add(lookEvery)) // one may have connected before the end
		conn, err = s.l.Accept()
	}
	switch {
	case err == nil:
		return conn, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx) // the caller's
	case errors.Is(err, net.ErrClosed), s.ended.Load():
		return nil, io.EOF
	}
	return nil, fmt.Errorf("the socket: %w", err)
}

// End declares that no more programs will connect: Next returns io.EOF once those that have connected were returned.
func (s *Socket) End() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended.Store(true)
	_ = s.l.SetDeadline(time.Unix(1, 0)) // wakes a waiting Accept
}

// Close removes the socket. Current connections continue.
func (s *Socket) Close() {
	_ = s.l.Close()
	_ = os.Remove(s.path) // it may be gone
}

// A File is a Source of the traces that programs write into a file, one after another: each overwrites the file.
type File struct {
	name string
	last os.FileInfo // the file read last, when it was opened; nil if none
	size int64       // the number of bytes read of it
}

// Follow returns a Source that reads the file called name, which need not exist yet.
func Follow(name string) *File { return &File{name: name} }

// lookEvery is the interval at which to check whether a file has grown.
const lookEvery = 50 * time.Millisecond

// Next implements Source.
func (s *File) Next(ctx context.Context) (Stream, error) {
	for {
		f, err := os.Open(s.name)
		switch {
		case err == nil:
			info, err := f.Stat()
			if err != nil {
				_ = f.Close()
				return nil, err // it names the file
			}
			if !info.Mode().IsRegular() { // a pipe cannot be read again
				if s.last != nil {
					_ = f.Close()
					return nil, io.EOF
				}
				s.last = info
				return Decode(f), nil
			}
			if s.last == nil || !os.SameFile(s.last, info) || info.Size() < s.size {
				s.last, s.size = info, 0
				return Decode(&growing{f: f, of: s, stop: make(chan struct{})}), nil
			}
			_ = f.Close()
		case !errors.Is(err, os.ErrNotExist):
			return nil, err // it names the file
		}
		select {
		case <-time.After(lookEvery):
		case <-ctx.Done():
			return nil, context.Cause(ctx) // the caller's
		}
	}
}

// growing reads a file to its end, and then whatever is appended, until another file replaces it.
type growing struct {
	f    *os.File
	of   *File
	once sync.Once
	stop chan struct{}
}

// Read implements io.Reader.
func (g *growing) Read(p []byte) (int, error) {
	for {
		n, err := g.f.Read(p)
		g.of.size += int64(n)
		if n > 0 || err != nil && !errors.Is(err, io.EOF) {
			return n, err // it names the file
		}
		if g.replaced() {
			return 0, io.EOF
		}
		select {
		case <-time.After(lookEvery):
		case <-g.stop:
			return 0, io.EOF
		}
	}
}

// replaced reports whether the file was truncated or another file has its name.
func (g *growing) replaced() bool {
	own, err := g.f.Stat()
	if err != nil || own.Size() < g.of.size {
		return true
	}
	now, err := os.Stat(g.of.name)
	return err == nil && !os.SameFile(own, now)
}

// Close implements io.Closer. It ends a waiting Read.
func (g *growing) Close() error {
	g.once.Do(func() { close(g.stop) })
	return g.f.Close() // it names the file
}
