package process

import (
	"context"
	"encoding"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"weak"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// A class is the type of a shared object.
type class uint8

const (
	classMutex class = iota + 1
	classSemaphore
	classEvent
	classBarrier
	classQueue
)

func (c class) String() string {
	switch c {
	case classMutex:
		return "mutex"
	case classSemaphore:
		return "semaphore"
	case classEvent:
		return "event"
	case classBarrier:
		return "barrier"
	case classQueue:
		return "queue"
	}
	return "object"
}

// A spec identifies a shared object, and says how to make it. It is the same in every process.
type spec struct {
	class  class
	server uint64 // the process that has it; 0 for an object with a name, which the process has that is not a worker
	number uint64 // among those of the server
	name   string
	size   int64 // permits, parties, capacity
	flags  uint8
	item   string // the type of a queue's items
	title  string // in traces; it is not sent
}

const (
	specBounded = 1 << iota
	specRedeliver
)

// An object is a shared object in the process that has it.
type object interface {
	// do performs a request, and may block. who is the worker that asks, nil for this process.
	do(ctx context.Context, who *child, r request) (reply, error)
	// abandon gives back what a worker that died held.
	abandon(who *child, death error)
}

// A handle refers to a shared object in this process or in the parent.
type handle struct {
	state atomic.Pointer[target]
}

// A target is the destination of a handle.
type target struct {
	spec
	local  object // nil: the parent has it, or
	orphan bool   // no process has it: a worker made it before Main was called
}

// serverID is a number that no other process has.
var serverID = rand.Uint64() | 1 //nolint:gosec // it need not be secret

// objects are the shared objects that this process has.
var objects = struct {
	sync.Mutex
	last     uint64
	byNumber map[uint64]weak.Pointer[target]
	byName   map[string]*target
}{byNumber: make(map[uint64]weak.Pointer[target]), byName: make(map[string]*target)}

// forget is called when an object without a name cannot be reached anymore, by a handle in this process or by a worker that
// may have one.
func forget(number uint64) {
	objects.Lock()
	defer objects.Unlock()
	delete(objects.byNumber, number)
}

// forgetName is called at the end of the run that made the object with a name.
func forgetName(name string) {
	objects.Lock()
	defer objects.Unlock()
	delete(objects.byName, name)
}

// A SharedOption configures an object that is shared by several processes.
type SharedOption func(*spec)

// Named gives a shared object a name. Processes of a program that make objects with the same name share a single
// object, so a package variable with a named object refers to the same object in each process.
//
//	var printer = process.NewMutex(process.Named("printer"))
//
// The constructor panics if an object with that name but of another type exists. Named panics if name is empty.
func Named(name string) SharedOption {
	if name == "" {
		misuse("Named", "the name is empty")
	}
	return func(s *spec) { s.name = name }
}

// Titled gives a shared object a title, which traces show as its name. Unlike a name, a title has no other effect, and
// several objects may have the same title.
func Titled(title string) SharedOption { return func(s *spec) { s.title = title } }

// make makes the object of the handle.
func (h *handle) make(op string, s spec, opts []SharedOption) {
	for _, opt := range opts {
		opt(&s)
	}
	if s.flags&specRedeliver != 0 && s.class != classQueue {
		misuse(op, "Redeliver is for queues")
	}
	h.state.Store(newTarget(op, s))
}

func newTarget(op string, s spec) *target {
	switch {
	case s.name != "" && boot != "":
		return &target{spec: s}
	case s.name != "":
		return namedTarget(op, s)
	case boot != "" && !mainCalled():
		return &target{spec: s, orphan: true}
	}
	objects.Lock()
	defer objects.Unlock()
	objects.last++
	s.server, s.number = serverID, objects.last
	t := &target{spec: s, local: s.build()}
	objects.byNumber[s.number] = weak.Make(t)
	runtime.AddCleanup(t, forget, s.number)
	return t
}

// namedTarget returns the object with a name in this process, which it makes if necessary.
func namedTarget(op string, s spec) *target {
	objects.Lock()
	defer objects.Unlock()
	t := objects.byName[s.name]
	if t == nil {
		t = &target{spec: s, local: s.build()}
		objects.byName[s.name] = t
		if x := hook.Outer(); x != nil { // the next run makes another
			x.AtEnd(func() { forgetName(s.name) })
		}
	}
	if t.spec != s {
		misuse(op, "there is another %v named %q", t.class, s.name)
	}
	return t
}

func mainCalled() bool {
	registry.Lock()
	defer registry.Unlock()
	return registry.closed
}

// build makes the object itself.
func (s *spec) build() object {
	switch s.class {
	case classMutex:
		return newMutexObject(s)
	case classSemaphore:
		return newSemaphoreObject(s)
	case classEvent:
		return newEventObject(s)
	case classBarrier:
		return newBarrierObject(s)
	default:
		return newQueueObject(s)
	}
}

// find returns the object that a worker refers to.
func (s *spec) find() (t *target, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	switch {
	case s.server == 0 && boot == "":
		return namedTarget("Named", *s), nil
	case s.server == serverID:
		objects.Lock()
		defer objects.Unlock()
		if t := objects.byNumber[s.number].Value(); t != nil {
			return t, nil
		}
	}
	return nil, fmt.Errorf("process: the %v belongs to another process: only that one and its own workers can use it", s.class)
}

// target returns the target of h. It makes the object of a zero value, of a class that needs no size.
func (h *handle) target(op string, c class) *target {
	if t := h.state.Load(); t != nil {
		if t.orphan {
			misuse(op, "the %v was made before the call of Main, in a worker, so it is not the one of the parent; name it with Named, or pass a pointer to it in the argument of the function", c)
		}
		return t
	}
	if c != classMutex && c != classEvent {
		misuse(op, "the zero value is not usable")
	}
	if boot != "" {
		misuse(op, "the %v is a zero value in a worker, so it is not the one of the parent; name it with Named, or pass a pointer to it in the argument of the function", c)
	}
	h.state.CompareAndSwap(nil, newTarget(op, spec{class: c}))
	return h.state.Load()
}

// call performs a request on the object.
func (h *handle) call(ctx context.Context, op string, c class, r request) (reply, error) {
	t := h.target(op, c)
	if t.local != nil {
		return t.local.do(ctx, nil, r)
	}
	if hook.Outer() != nil {
		misuse(op, "it is the parent's: a program that is explored in a worker has to make everything that it uses")
	}
	return me.ask(ctx, op, t.spec, r)
}

// callContext is like call, but gives up when ctx ends.
func (h *handle) callContext(ctx context.Context, op string, c class, r request) (reply, error) {
	if ctx == nil {
		misuse(op, "the context is nil")
	}
	t := h.target(op, c)
	if t.local == nil {
		if err := endOf(ctx); err != nil {
			if c != classBarrier {
				return reply{}, err
			}
			r.err = context.Cause(ctx) // which the barrier needs
		}
	}
	return h.call(ctx, op, c, r)
}

// callTimeout is like call, but gives up after d.
func (h *handle) callTimeout(d time.Duration, op string, c class, r request) (reply, error) {
	ctx, cancel := hook.WithTimeout(context.Background(), max(0, d))
	defer cancel()
	if d > 0 {
		return h.call(ctx, op, c, r)
	}
	r.try = true
	rep, err := h.call(context.Background(), op, c, r)
	if err == nil && !rep.ok {
		err = endOf(ctx)
	}
	return rep, err
}

// do is like call, for a verb that does not block and fails only by misuse.
func (h *handle) do(op string, c class, r request) reply {
	rep, err := h.call(context.Background(), op, c, r)
	if usage, ok := err.(*sync2.UsageError); ok { //nolint:errorlint // it comes as it was made
		panic(usage)
	}
	if err != nil {
		misuse(op, "%v", err)
	}
	return rep
}

// An endError is the error of a wait whose context ended.
type endError struct{ err, cause error }

func (e *endError) Error() string { return e.cause.Error() }

// Unwrap returns the context's Err and its cause.
func (e *endError) Unwrap() []error { return []error{e.err, e.cause} }

// endOf returns the error of a wait whose context is ctx, nil if ctx has not ended.
func endOf(ctx context.Context) error {
	err := ctx.Err()
	if err == nil {
		return nil
	}
	return &endError{err, context.Cause(ctx)}
}

// A handle is sent as its spec.
var (
	_ encoding.BinaryMarshaler   = (*handle)(nil)
	_ encoding.BinaryUnmarshaler = (*handle)(nil)
	_ encoding.TextMarshaler     = (*handle)(nil)
	_ encoding.TextUnmarshaler   = (*handle)(nil)
)

// MarshalBinary implements encoding.BinaryMarshaler, so that a shared object can be passed to another process.
func (h *handle) MarshalBinary() ([]byte, error) {
	t := h.state.Load()
	switch {
	case t == nil:
		return nil, errors.New("process: the zero value is not usable")
	case t.orphan:
		return nil, fmt.Errorf("process: the %v was made before Main was called, in a worker, and has no name", t.class)
	}
	if t.local != nil {
		children.keep(t)
	}
	return t.append(nil), nil
}

// UnmarshalBinary implements encoding.BinaryUnmarshaler.
func (h *handle) UnmarshalBinary(b []byte) error {
	var s spec
	if err := s.parse(b); err != nil {
		return err
	}
	t := &target{spec: s}
	if s.server == serverID || s.server == 0 && boot == "" {
		var err error
		if t, err = s.find(); err != nil {
			return err
		}
	}
	h.state.Store(t)
	return nil
}

// MarshalText implements encoding.TextMarshaler.
func (h *handle) MarshalText() ([]byte, error) {
	b, err := h.MarshalBinary()
	return []byte(base64.RawURLEncoding.EncodeToString(b)), err
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (h *handle) UnmarshalText(text []byte) error {
	b, err := base64.RawURLEncoding.AppendDecode(nil, text)
	if err != nil {
		return fmt.Errorf("process: no shared object: %w", err)
	}
	return h.UnmarshalBinary(b)
}

func (s *spec) append(b []byte) []byte {
	b = append(b, byte(s.class), s.flags)
	b = binary.AppendUvarint(b, s.server)
	b = binary.AppendUvarint(b, s.number)
	b = binary.AppendVarint(b, s.size)
	b = appendString(b, s.name)
	return appendString(b, s.item)
}

// parse reads a spec.
func (s *spec) parse(b []byte) error {
	if len(b) < 2 {
		return errShort
	}
	s.class, s.flags = class(b[0]), b[1]
	r := reader{b: b[2:]}
	s.server, s.number, s.size, s.name, s.item = r.uvarint(), r.uvarint(), r.varint(), r.string(), r.string()
	return r.err
}

var errShort = errors.New("process: what came from another process is too short")

func appendString(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// A reader reads what the append functions have written.
type reader struct {
	b   []byte
	err error
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	r.skip(n)
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.b)
	r.skip(n)
	return v
}

func (r *reader) string() string {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.err, n = errShort, 0
	}
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}

func (r *reader) skip(n int) {
	if n <= 0 {
		r.err, n = errShort, 0
	}
	r.b = r.b[n:]
}

// describe returns the text of String.
func (h *handle) describe(c class) string {
	t := h.state.Load()
	if t == nil {
		return c.String()
	}
	text := c.String()
	if t.name != "" {
		text += " " + t.name
	}
	if o, ok := t.local.(fmt.Stringer); ok {
		return text + ": " + o.String()
	}
	return text + " of another process"
}

func waitingText(state string, n int) string {
	if n == 0 {
		return state
	}
	return fmt.Sprintf("%s, %d wait", state, n)
}
