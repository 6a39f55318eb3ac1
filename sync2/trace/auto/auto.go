// Package auto traces a program to the destination given by the environment variable TURNSTILE_TRACE, so that
// "turnstile watch" can show it while it runs. It exports nothing; it is imported for its side effect:
//
//	import _ "github.com/turnstile-go/turnstile/sync2/trace/auto"
//
// If the variable is not set, it does nothing. The value is one of
//
//	FILE        the name of a file, which is replaced
//	unix:PATH   a Unix socket at which "turnstile watch unix:PATH" listens
//
// The program never waits for the watcher: if events arrive faster than they can be written for too long, some are
// dropped, and the trace contains their number. If nothing listens at the socket, the package tries again every second, so
// watching can start, stop and start again at any time. A trace that starts while the program is running describes the
// state of each object at the object's first event.
//
// The last events before the program exits may be missing, unless main ends with [trace.Stop], which waits up to a
// second until all have been written. The variable is removed from the environment, so that child processes do not
// write to the same destination.
package auto

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/turnstile-go/turnstile/sync2/trace"
	"github.com/turnstile-go/turnstile/sync2/trace/tracefile"
)

// variable is the environment variable with the destination of the trace.
const variable = "TURNSTILE_TRACE"

// retry is the time between two attempts to reach the watcher.
const retry = time.Second

func init() {
	where := os.Getenv(variable)
	if where == "" {
		return
	}
	_ = os.Unsetenv(variable) // it is for this program; that it stays set would do no harm here
	path, socket := strings.CutPrefix(where, "unix:")
	switch {
	case socket:
		first := dial(path) // before main begins, if there is a listener
		go follow(path, first)
	case waits(where):
		go toFile(where)
	default:
		toFile(where)
	}
}

// waits reports whether opening the file called name may take long: opening a pipe waits for a reader.
func waits(name string) bool {
	info, err := os.Stat(name) //nolint:gosec // the user names the file
	return err == nil && !info.Mode().IsRegular()
}

// toFile begins a trace into the file called name. A regular file is replaced by another, so that a program that still
// reads the old one can tell.
func toFile(name string) {
	if !waits(name) {
		if file, err := filepath.EvalSymlinks(name); err == nil {
			_ = os.Remove(file) //nolint:gosec // the user names the file; if it cannot be removed, it is overwritten
		}
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // the user names the file
	if err != nil {
		complain(err)
		return
	}
	w := tracefile.NewWriter(f)
	if err := trace.Start(sink{w, f}); err != nil {
		_ = w.Close() // nothing of it is of use
		_ = f.Close()
		complain(err)
	}
}

// A sink writes events to a file or connection that has deadlines, and all remaining events when the trace ends.
type sink struct {
	w  *tracefile.Writer
	to interface{ SetWriteDeadline(time.Time) error }
}

// Event implements trace.Sink.
func (s sink) Event(ev trace.Event) {
	s.w.Event(ev)
	if ev.Kind == trace.KindEnd {
		_ = s.to.SetWriteDeadline(time.Now().Add(time.Second)) // a regular file has none, and needs none
		_ = s.w.Close()                                        // there is nowhere to report an error
	}
}

// A viewer is a connection to the watcher.
type viewer struct {
	net.Conn
	gone chan struct{} // closed when it cannot be written to anymore
	once sync.Once
	w    *tracefile.Writer
}

// Write implements io.Writer.
func (v *viewer) Write(p []byte) (int, error) {
	n, err := v.Conn.Write(p)
	if err != nil {
		v.once.Do(func() { close(v.gone) })
	}
	return n, err // the Writer says where
}

// dial begins a trace to the program that listens at the socket. It returns nil if there is no listener or another trace is running.
func dial(path string) *viewer {
	conn, err := net.Dial("unix", path) //nolint:gosec,noctx // the user names the socket, and dialing it takes no time
	if err != nil {
		return nil
	}
	v := &viewer{Conn: conn, gone: make(chan struct{})}
	v.w = tracefile.NewWriter(v)
	if trace.Start(sink{v.w, v}) != nil {
		v.hangUp()
		return nil
	}
	return v
}

func (v *viewer) hangUp() {
	_ = v.w.Close() // the watcher is gone
	_ = v.Close()
}

// follow traces to v, and then to each later listener at the socket.
func follow(path string, v *viewer) {
	for ; ; v = dial(path) {
		if v == nil {
			<-time.After(retry)
			continue
		}
		<-v.gone
		trace.Stop()
		v.hangUp()
	}
}

func complain(err error) {
	fmt.Fprintf(os.Stderr, "turnstile: %s: %v; the program is not traced\n", variable, err)
}
