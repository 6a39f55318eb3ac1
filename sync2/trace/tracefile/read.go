package tracefile

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

const (
	format  = "turnstile-trace"
	version = 1

	maxLine = 1 << 20 // bytes
)

// ErrFormat is returned for a file that is not a trace file.
var ErrFormat = errors.New("tracefile: not a turnstile trace")

// ErrTruncated is returned, after all complete events, for a file whose last line is incomplete because its writer was
// killed, or is still writing.
var ErrTruncated = errors.New("tracefile: the last event is incomplete")

// A VersionError is returned for a trace file whose version this package cannot read.
type VersionError struct{ Version int }

// Error returns text with the version.
func (e *VersionError) Error() string {
	return fmt.Sprintf("tracefile: the file has version %d of the format, only %d can be read here", e.Version, version)
}

// A LineError is returned for a line of a trace file that is not a valid event.
type LineError struct {
	Line int // from 1
	Err  error
}

// Error returns text with the line number and the text of Err.
func (e *LineError) Error() string { return fmt.Sprintf("tracefile: line %d: %v", e.Line, e.Err) }

// Unwrap returns Err.
func (e *LineError) Unwrap() error { return e.Err }

// header is the first line of a file.
type header struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
}

// Write writes a trace file with the given events to w.
func Write(w io.Writer, events []trace.Event) error {
	buf := appendHeader(nil)
	for i := range events {
		buf = appendEvent(buf, &events[i])
		if len(buf) < 1<<16 && i < len(events)-1 {
			continue
		}
		if _, err := w.Write(buf); err != nil {
			return fmt.Errorf("tracefile: %w", err)
		}
		buf = buf[:0]
	}
	if _, err := w.Write(buf); err != nil {
		return fmt.Errorf("tracefile: %w", err)
	}
	return nil
}

// Read reads a whole trace file. Together with an error it returns the events before it; if the error matches
// [ErrTruncated], these are all complete events. If ctx ends, Read gives up and returns its cause, but not while it is
// blocked in r. If r has a method Size that returns the number of bytes, as a [bytes.Reader] does, reading a long file
// takes half the memory.
func Read(ctx context.Context, r io.Reader) ([]trace.Event, error) {
	tr, err := NewReader(r)
	if err != nil {
		return nil, err
	}
	var all chunks
	sized, _ := r.(interface{ Size() int64 })
	for {
		if len(all) == 1 && sized != nil {
			return tr.readOn(ctx, all[0], sized.Size())
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		chunk := make([]trace.Event, 0, chunkSize)
		for len(chunk) < chunkSize {
			ev, err := tr.Next()
			if errors.Is(err, io.EOF) {
				return all.join(chunk), nil
			}
			if err != nil {
				return all.join(chunk), err
			}
			chunk = append(chunk, ev)
		}
		all = append(all, chunk)
	}
}

// readOn reads the rest of a file of the given size after the events first, and returns all. It uses first to estimate the rest.
func (r *Reader) readOn(ctx context.Context, first []trace.Event, size int64) ([]trace.Event, error) {
	rest := max(0, size-r.read) / max(r.read/int64(len(first)), 1)
	all := make([]trace.Event, 0, int64(len(first))+min(rest, mostAhead)+chunkSize)
	all = append(all, first...)
	for {
		if len(all)%chunkSize == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		ev, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = append(all, ev)
	}
}

// mostAhead is the maximum number of events for which room is made before they have been read: a size may be wrong.
const mostAhead = 4 << 20

// chunks are the events of a long file. A single growing slice would take twice the memory while it is copied.
type chunks [][]trace.Event

const chunkSize = 4096

// join returns all events, followed by last.
func (c chunks) join(last []trace.Event) []trace.Event {
	if len(c) == 0 {
		return last
	}
	all := make([]trace.Event, 0, len(c)*chunkSize+len(last))
	for i, chunk := range c {
		all = append(all, chunk...)
		c[i] = nil // it is not needed anymore
	}
	return append(all, last...)
}

// A Reader reads a trace file event by event.
type Reader struct {
	r     *bufio.Reader
	line  int   // number of the line last read
	read  int64 // bytes of the lines so far
	long  []byte
	texts map[string]string // see intern
	err   error             // what Next returns from now on
}

// NewReader reads the first line of the trace file r and returns a Reader of its events. It returns [ErrFormat] or a
// [*VersionError] if it cannot read the file.
func NewReader(r io.Reader) (*Reader, error) {
	tr := &Reader{r: bufio.NewReaderSize(r, 1<<16)}
	line, err := tr.readLine()
	var h header
	switch {
	case err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, errLong):
		return nil, fmt.Errorf("tracefile: %w", err)
	case err != nil && len(line) == 0:
		return nil, fmt.Errorf("%w: it is empty", ErrFormat)
	case json.Unmarshal(line, &h) != nil || h.Format != format:
		return nil, fmt.Errorf("%w: it begins with %.40q", ErrFormat, line)
	case h.Version != version:
		return nil, &VersionError{h.Version}
	}
	return tr, nil
}

// Next returns the next event. It returns [io.EOF] after the last event, or else [ErrTruncated], a [*LineError], or an
// error of the underlying reader. After an error, further calls return the same error.
func (r *Reader) Next() (trace.Event, error) {
	if r.err != nil {
		return trace.Event{}, r.err
	}
	ev, err := r.next()
	if err != nil {
		r.err = err
		return trace.Event{}, err
	}
	return ev, nil
}

// All returns an iterator over the remaining events. An error other than io.EOF is yielded last, with a zero Event.
func (r *Reader) All() iter.Seq2[trace.Event, error] {
	return func(yield func(trace.Event, error) bool) {
		for {
			ev, err := r.Next()
			if errors.Is(err, io.EOF) || !yield(ev, err) || err != nil {
				return
			}
		}
	}
}

func (r *Reader) next() (trace.Event, error) {
	line, err := r.readLine()
	for err == nil && len(bytes.TrimSpace(line)) == 0 {
		line, err = r.readLine()
	}
	if errors.Is(err, errLong) {
		return trace.Event{}, &LineError{r.line, err}
	}
	if err != nil && (!errors.Is(err, io.EOF) || len(line) == 0) {
		return trace.Event{}, err
	}
	ev, bad := r.parse(line)
	switch {
	case bad == nil:
		return ev, nil
	case err != nil: // no newline: this is the end of the file
		return trace.Event{}, ErrTruncated
	}
	return trace.Event{}, &LineError{r.line, bad}
}

func (r *Reader) parse(line []byte) (trace.Event, error) {
	var ev trace.Event
	if !r.scan(line, &ev) {
		ev = trace.Event{}
		if err := json.Unmarshal(line, &ev); err != nil {
			return trace.Event{}, fmt.Errorf("no event: %w", err)
		}
	}
	if ev.Kind == trace.KindBad {
		return trace.Event{}, errors.New("no event: its kind is missing")
	}
	if err := check(&ev); err != nil {
		return trace.Event{}, err
	}
	return ev, nil
}

var errLong = fmt.Errorf("longer than %d bytes", maxLine)

// readLine returns the next line without its newline, valid until the next call. With [io.EOF] it returns the bytes
// after the last newline.
func (r *Reader) readLine() ([]byte, error) {
	r.line++
	r.long = r.long[:0]
	for {
		part, err := r.r.ReadSlice('\n')
		r.read += int64(len(part))
		if err == nil && len(r.long) == 0 {
			return part[:len(part)-1], nil
		}
		if len(r.long)+len(part) > maxLine {
			return part, errLong
		}
		r.long = append(r.long, part...)
		switch {
		case err == nil:
			return r.long[:len(r.long)-1], nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return r.long, err
		}
	}
}
