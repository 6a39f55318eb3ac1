package process

import (
	"encoding"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
)

// A shape says how values of a type are sent.
type shape struct {
	form form
	size int   // of a plain value, or an element of a run
	err  error // why they cannot be sent
}

// A form is a way of turning a value into bytes. Both ends run the same program on the same machine, so plain memory is
// sent as it is.
type form uint8

const (
	formEmpty   form = iota // a type of size 0: there is nothing to send
	formPlain               // a number: its memory
	formRun                 // a slice of numbers, or a string: the memory of its elements
	formGeneral             // gob or JSON
)

// shapeOf returns the shape of a type.
func shapeOf(t reflect.Type) shape {
	if marshals(t) {
		return shape{form: formGeneral}
	}
	switch k := t.Kind(); {
	case plain(k):
		return shape{form: formPlain, size: int(t.Size())}
	case k == reflect.String:
		return shape{form: formRun, size: 1}
	case k == reflect.Slice && plain(t.Elem().Kind()) && !marshals(t.Elem()):
		return shape{form: formRun, size: int(t.Elem().Size())}
	case k == reflect.Struct && t.Size() == 0:
		return shape{form: formEmpty}
	}
	if path, bad := unsendable(t, make(map[reflect.Type]bool)); bad != nil {
		return shape{form: formGeneral, err: &EncodingError{Type: t.String(), Err: fmt.Errorf("%s%s cannot be sent to another process", path, bad)}}
	}
	return shape{form: formGeneral}
}

// plain reports whether values of kind k contain no pointers.
func plain(k reflect.Kind) bool {
	return reflect.Bool <= k && k <= reflect.Complex128 && k != reflect.Uintptr
}

var marshalers = []reflect.Type{
	reflect.TypeFor[gob.GobEncoder](), reflect.TypeFor[encoding.BinaryMarshaler](), reflect.TypeFor[encoding.TextMarshaler](), reflect.TypeFor[json.Marshaler](),
}

// marshals reports whether t has a method that encodes it.
func marshals(t reflect.Type) bool {
	for _, m := range marshalers {
		if t.Implements(m) || reflect.PointerTo(t).Implements(m) {
			return true
		}
	}
	return false
}

// unsendable looks in t for a type that is meaningless in another process. Encoders may silently omit such values.
func unsendable(t reflect.Type, seen map[reflect.Type]bool) (path string, bad reflect.Type) {
	if seen[t] || marshals(t) {
		return "", nil
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return "", t
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return unsendable(t.Elem(), seen)
	case reflect.Map:
		if path, bad = unsendable(t.Key(), seen); bad != nil {
			return path, bad
		}
		return unsendable(t.Elem(), seen)
	case reflect.Struct:
		for f := range t.Fields() {
			if f.IsExported() {
				if path, bad = unsendable(f.Type, seen); bad != nil {
					return "field " + f.Name + ": " + path, bad
				}
			}
		}
	default:
	}
	return "", nil
}

// An EncodingError reports that a value could not be passed from one process to another.
type EncodingError struct {
	Type string // of the value
	Err  error
}

// Error returns text such as "process: main.Job: gob: type not registered for interface: main.Square".
func (e *EncodingError) Error() string { return fmt.Sprintf("process: %s: %v", e.Type, e.Err) }

// Unwrap returns the error of the encoder.
func (e *EncodingError) Unwrap() error { return e.Err }

func notEncodable[T any](err error) error {
	return &EncodingError{Type: reflect.TypeFor[T]().String(), Err: err}
}

// A format is an encoding of values that are not plain memory.
type format uint8

const (
	formatGob format = iota
	formatJSON
)

// An encoder encodes the values that one side sends. It describes each type once per connection.
type encoder struct {
	format format
	gob    *gob.Encoder // nil if it must be made, as the next message will say
	out    *outgoing
	begun  bool // an encoder has existed before
}

// Write implements io.Writer for the gob.Encoder.
func (e *encoder) Write(p []byte) (int, error) { return e.out.Write(p) }

// A decoder is the other end of an encoder.
type decoder struct {
	format format
	gob    *gob.Decoder
	in     *message
	failed bool // the other side must begin a new encoder
}

// Read implements io.Reader for the gob.Decoder.
func (d *decoder) Read(p []byte) (int, error) { return d.in.Read(p) }

// ReadByte is like Read.
func (d *decoder) ReadByte() (byte, error) { return d.in.ReadByte() }

// sendValue sends a message with the value v. What it returns is an EncodingError, after which nothing was sent, or the
// connection's.
func sendValue[T any](c *conn, e *encoder, s *shape, k kind, flags uint8, id uint32, head []byte, v *T) error {
	switch {
	case s.err != nil:
		return s.err
	case s.form == formEmpty:
		return c.send(k, flags, id, head, nil)
	case s.form == formPlain:
		return c.send(k, flags, id, head, memoryOf(v, s.size))
	case s.form == formRun:
		run := runOf(v, s.size)
		if run == nil {
			flags |= flagNil
		}
		return c.send(k, flags, id, head, run)
	}
	if e.format == formatGob && e.gob == nil {
		e.gob = gob.NewEncoder(e)
		if e.begun {
			flags |= flagFresh
		}
		e.begun = true
	}
	out := &outgoing{c: c, kind: k, flags: flags, id: id, head: head}
	e.out = out
	finished := false
	defer func() {
		e.out = nil
		if !finished {
			e.gob = nil // it may have described types in a message that was not sent
			_ = out.abort()
		}
	}()
	if err := e.encode(out, boxed(e.format, v)); err != nil {
		return notEncodable[T](err)
	}
	finished = true
	return out.finish()
}

// boxed returns v in the form in which the encoder takes it.
func boxed[T any](f format, v *T) any {
	if f == formatJSON {
		return v
	}
	return boxOf(v)
}

// encode encodes v. It returns a panic of a method of v as an error.
func (e *encoder) encode(w io.Writer, v any) (err error) {
	defer recovered(&err)
	if e.format == formatJSON {
		return json.NewEncoder(w).Encode(v)
	}
	return e.gob.Encode(v)
}

func recovered(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("panic: %v", r)
	}
}

// receiveValue returns the value of a message, which it consumes.
func receiveValue[T any](d *decoder, s *shape, m *message) (v T, err error) {
	switch s.form {
	case formEmpty:
		return v, nil
	case formPlain:
		if len(m.body) != s.size {
			return v, notEncodable[T](io.ErrUnexpectedEOF)
		}
		copy(memoryOf(&v, s.size), m.body)
		return v, nil
	case formRun:
		if m.flags&flagNil == 0 {
			setRun(&v, m.body, s.size)
		}
		return v, nil
	case formGeneral:
	}
	if d.gob == nil || m.flags&flagFresh != 0 {
		d.gob, d.failed = gob.NewDecoder(d), false
	}
	d.in = m
	err = d.decode(m, boxed(d.format, &v))
	d.in = nil
	if err != nil {
		d.failed = true // it may have missed the description of a type
		return v, notEncodable[T](err)
	}
	return v, nil
}

func (d *decoder) decode(m *message, v any) (err error) {
	defer recovered(&err)
	if d.format == formatJSON {
		err = json.NewDecoder(m).Decode(v)
	} else {
		err = d.gob.Decode(v)
	}
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// renew returns the flag that asks the other side to begin a new encoder, or 0 if that is not needed.
func (d *decoder) renew() uint8 {
	if d.failed {
		return flagRenew
	}
	return 0
}
