package tracefile

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"sync"
	"unicode/utf8"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// appendHeader appends the first line of a file.
func appendHeader(b []byte) []byte {
	return fmt.Appendf(b, "{\"format\":%q,\"version\":%d}\n", format, version)
}

// appendEvent appends ev as a line. It does what json.Marshal does, without allocating.
func appendEvent(b []byte, ev *trace.Event) []byte {
	b = append(b, `{"seq":`...)
	b = strconv.AppendUint(b, ev.Seq, 10)
	b = append(b, `,"t":`...)
	b = strconv.AppendInt(b, ev.Time, 10)
	b = append(b, `,"kind":"`...)
	b = append(append(b, ev.Kind.String()...), '"')
	b = appendInt(b, `,"g":`, ev.G)
	b = appendUint(b, `,"obj":`, uint64(ev.Obj))
	b = appendInt(b, `,"peer":`, ev.Peer)
	b = appendInt(b, `,"n":`, ev.N)
	b = appendUint(b, `,"pc":`, ev.PC)
	if ev.Class != trace.ClassNone {
		b = append(b, `,"class":"`...)
		b = append(append(b, ev.Class.String()...), '"')
	}
	if ev.Inner {
		b = append(b, `,"inner":true`...)
	}
	if ev.Text != "" {
		b = appendString(append(b, `,"text":`...), ev.Text)
	}
	return append(b, "}\n"...)
}

func appendInt(b []byte, key string, n int64) []byte {
	if n == 0 {
		return b
	}
	return strconv.AppendInt(append(b, key...), n, 10)
}

func appendUint(b []byte, key string, n uint64) []byte {
	if n == 0 {
		return b
	}
	return strconv.AppendUint(append(b, key...), n, 10)
}

// maxText is the maximum number of bytes of a text that are written: every line must be short enough to be read again.
const maxText = maxLine / 8

func appendString(b []byte, s string) []byte {
	if len(s) > maxText {
		cut := maxText
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "…"
	}
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, err := json.Marshal(s)
			if err != nil { // never: it can marshal any string
				return append(b, `""`...)
			}
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// An Encoder writes a trace file event by event. It does not buffer; use a bufio.Writer as its output if that is
// needed.
type Encoder struct {
	w   io.Writer
	buf []byte
}

// NewEncoder returns an Encoder that writes to w. It writes the first line of the file together with the first event.
func NewEncoder(w io.Writer) *Encoder { return &Encoder{w: w, buf: appendHeader(nil)} }

// Encode writes an event. It returns the error of the underlying writer, if any.
func (e *Encoder) Encode(ev *trace.Event) error {
	e.buf = appendEvent(e.buf, ev)
	_, err := e.w.Write(e.buf)
	e.buf = e.buf[:0]
	if err != nil {
		return fmt.Errorf("tracefile: %w", err)
	}
	return nil
}

// A Writer is a [trace.Sink] that writes a trace file while the trace is running. A goroutine of its own writes events
// as they arrive, so the file is readable even if the program is killed.
//
// If events arrive faster than they can be written for too long, some are lost; the file then contains a
// [trace.KindDropped] event, and [Writer.Lost] returns their number.
type Writer struct {
	rec  *trace.Recorder
	w    io.Writer
	stop chan struct{} // closed by the first Close
	once sync.Once
	done chan struct{} // closed when the goroutine has ended; guards what follows
	err  error
	lost int64
}

// fileBuffer is the maximum number of events waiting to be written.
const fileBuffer = 1 << 16

// NewWriter writes the first line of a trace file to w and returns a Writer. The caller must call [Writer.Close].
func NewWriter(w io.Writer) *Writer {
	f := &Writer{rec: trace.NewRecorder(fileBuffer), w: w, stop: make(chan struct{}), done: make(chan struct{})}
	go f.run(f.rec.Wake())
	return f
}

// Event implements [trace.Sink]. Events after Close are not written.
func (f *Writer) Event(ev trace.Event) { f.rec.Event(ev) }

// Close writes the remaining events, waits until they are written, and returns the first error of the underlying
// writer, which it does not close. Stop the trace before calling Close. Further calls return the same error.
func (f *Writer) Close() error {
	f.once.Do(func() { close(f.stop) })
	<-f.done
	return f.err
}

// Lost closes f, if it is not closed yet, and returns the number of lost events.
func (f *Writer) Lost() int64 {
	_ = f.Close() // reported to the caller of Close
	return f.lost
}

// run writes events until stop is closed.
func (f *Writer) run(wake <-chan struct{}) {
	defer close(f.done)
	_, f.err = f.w.Write(appendHeader(nil))
	var events []trace.Event
	var buf []byte
	for stopped := false; !stopped; {
		select {
		case <-wake:
		case <-f.stop:
			stopped = true
		}
		events = f.rec.Drain(events[:0])
		buf = f.write(events, buf[:0])
	}
	if f.err != nil {
		f.err = fmt.Errorf("tracefile: %w", f.err)
	}
}

// write writes events, and returns buf, which it uses meanwhile. After an error it only counts them.
func (f *Writer) write(events []trace.Event, buf []byte) []byte {
	for i := range events {
		if events[i].Kind == trace.KindDropped {
			f.lost += events[i].N
		}
		buf = appendEvent(buf, &events[i])
		if (len(buf) >= 1<<16 || i == len(events)-1) && f.err == nil {
			_, f.err = f.w.Write(buf)
		}
		if len(buf) >= 1<<16 {
			buf = buf[:0]
		}
	}
	return buf
}
