package process

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"sync"
)

// There is one connection between a process and its parent, on which both send messages. A message is sent as one or more
// frames, so that a large one does not delay small ones. Frames of different messages may alternate.

// A kind is the kind of a message.
type kind uint8

const (
	kindHello    kind = iota + 1 // worker: Main was called
	kindSetup                    // parent: what kind of worker it is; head: a setup; body: the initializer's input
	kindReady                    // worker: the initializer has succeeded; with flagError: it has failed
	kindTask                     // parent: run a function; head: a taskHead; body: the input
	kindReply                    // worker: the task's result; with flagError: its error
	kindCancel                   // parent: end the task's context; body: an error
	kindBye                      // parent: no more tasks, exit
	kindTrace                    // worker: events of its trace
	kindOp                       // worker: do something to a shared object; head: an operation; body: an item
	kindOpCancel                 // worker: give the operation up
	kindOpReply                  // parent: the outcome of the operation
)

const (
	flagMore  = 1 << iota // more frames of this message follow
	flagAbort             // the message could not be encoded: drop it
	flagError             // the body is an error
	flagFresh             // the sender begins a new encoder with this message
	flagRenew             // the receiver must begin a new encoder
	flagNil               // the value is a nil slice
)

const (
	headerSize = 22
	maxChunk   = 256 << 10 // of a message in one frame
	smallWrite = 64 << 10  // up to this size, header and chunk are copied into a single write
)

// A message is a message that one side has received.
type message struct {
	kind   kind
	flags  uint8
	id     uint32
	head   []byte
	body   []byte   // if its size was known in advance
	chunks [][]byte // else
}

// Read implements io.Reader. It consumes the body.
func (m *message) Read(p []byte) (int, error) {
	for len(m.chunks) > 0 {
		if n := copy(p, m.chunks[0]); n > 0 || len(p) == 0 {
			m.chunks[0] = m.chunks[0][n:]
			return n, nil
		}
		m.chunks = m.chunks[1:]
	}
	if n := copy(p, m.body); n > 0 || len(p) == 0 {
		m.body = m.body[n:]
		return n, nil
	}
	return 0, io.EOF
}

// ReadByte keeps a gob.Decoder from putting a buffer in between.
func (m *message) ReadByte() (byte, error) {
	var b [1]byte
	_, err := m.Read(b[:])
	return b[0], err
}

// A link is the transport of a connection: a socket, or two pipes.
type link io.ReadWriteCloser

// A conn is one side of the connection. Any goroutine may send; one receives.
type conn struct {
	link link

	write sync.Mutex // held while a frame is written
	buf   []byte     // of a small frame

	in      *bufio.Reader
	partial map[partialKey]*message // messages whose last frame has not arrived
}

type partialKey struct {
	kind kind
	id   uint32
}

func newConn(l link) *conn {
	return &conn{link: l, in: bufio.NewReaderSize(l, smallWrite), partial: make(map[partialKey]*message)}
}

func (c *conn) close() error { return c.link.Close() }

// send sends a message whose body is known. It does not retain its arguments.
func (c *conn) send(k kind, flags uint8, id uint32, head, body []byte) error {
	total := uint64(len(body))
	for {
		chunk := body[:min(len(body), maxChunk)]
		body = body[len(chunk):]
		f := flags
		if len(body) > 0 {
			f |= flagMore
		}
		if err := c.frame(k, f, id, head, chunk, total); err != nil || len(body) == 0 {
			return err
		}
		head = nil
	}
}

// frame writes one frame. total is the size of the whole body, 0 if unknown.
func (c *conn) frame(k kind, flags uint8, id uint32, head, chunk []byte, total uint64) error {
	defer outdoors()()
	c.write.Lock()
	defer c.write.Unlock()
	b := c.buf[:0]
	b = append(b, byte(k), flags)
	b = binary.LittleEndian.AppendUint32(b, id)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(head)))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(chunk)))
	b = binary.LittleEndian.AppendUint64(b, total)
	b = append(b, head...)
	small := len(chunk) <= smallWrite
	if small {
		b = append(b, chunk...)
	}
	c.buf = b
	_, err := c.link.Write(b)
	if err == nil && !small {
		_, err = c.link.Write(chunk)
	}
	return err
}

// receive returns the next complete message.
func (c *conn) receive() (*message, error) {
	for {
		m, err := c.receiveFrame()
		if m != nil || err != nil {
			return m, err
		}
	}
}

// receiveFrame reads a frame. It returns the message if the frame completes it, and nil otherwise.
func (c *conn) receiveFrame() (*message, error) {
	h, err := c.in.Peek(headerSize)
	if err != nil {
		return nil, err
	}
	k, flags, id := kind(h[0]), h[1], binary.LittleEndian.Uint32(h[2:])
	headLen, size, total := int(binary.LittleEndian.Uint32(h[6:])), int(binary.LittleEndian.Uint32(h[10:])), binary.LittleEndian.Uint64(h[14:])
	if _, err := c.in.Discard(headerSize); err != nil {
		return nil, err
	}
	key := partialKey{k, id}
	m := c.partial[key]
	if m == nil {
		m = &message{kind: k, id: id}
		if headLen > 0 {
			m.head = make([]byte, headLen)
		}
		if _, err := io.ReadFull(c.in, m.head); err != nil {
			return nil, err
		}
		if total > 0 {
			m.body = make([]byte, 0, total)
		}
	}
	m.flags |= flags
	if err := c.receiveChunk(m, size, total > 0); err != nil {
		return nil, err
	}
	switch {
	case flags&flagAbort != 0:
		delete(c.partial, key)
		return nil, nil
	case flags&flagMore != 0:
		c.partial[key] = m
		return nil, nil
	case m.flags&flagMore != 0:
		delete(c.partial, key)
	}
	return m, nil
}

func (c *conn) receiveChunk(m *message, size int, known bool) error {
	switch {
	case size == 0:
		return nil
	case known:
		n := len(m.body)
		if n+size > cap(m.body) {
			return errors.New("process: a message is longer than it said")
		}
		m.body = m.body[:n+size]
		_, err := io.ReadFull(c.in, m.body[n:])
		return err
	default:
		chunk := make([]byte, size)
		m.chunks = append(m.chunks, chunk)
		_, err := io.ReadFull(c.in, chunk)
		return err
	}
}

// An outgoing is a message whose body is written piece by piece. A large one is sent before it is complete.
type outgoing struct {
	c     *conn
	kind  kind
	flags uint8
	id    uint32
	head  []byte
	buf   []byte
	begun bool // a frame has been sent
}

// Write adds to the body.
func (o *outgoing) Write(p []byte) (int, error) {
	if len(o.buf)+len(p) <= smallWrite {
		o.buf = append(o.buf, p...)
		return len(p), nil
	}
	if err := o.flush(o.buf, flagMore); err != nil {
		return 0, err
	}
	o.buf = o.buf[:0]
	for rest := p; len(rest) > 0; {
		chunk := rest[:min(len(rest), maxChunk)]
		rest = rest[len(chunk):]
		if err := o.flush(chunk, flagMore); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

func (o *outgoing) flush(chunk []byte, flags uint8) error {
	if len(chunk) == 0 && flags&flagMore != 0 {
		return nil
	}
	head := o.head
	if o.begun {
		head = nil
	}
	o.begun = true
	return o.c.frame(o.kind, o.flags|flags, o.id, head, chunk, 0)
}

// finish sends the rest.
func (o *outgoing) finish() error { return o.flush(o.buf, 0) }

// abort makes the receiver drop the message.
func (o *outgoing) abort() error {
	if !o.begun {
		return nil
	}
	return o.flush(nil, flagAbort)
}
