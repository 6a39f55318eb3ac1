package process

import (
	"context"
	"reflect"
	"sync"
)

// A Func is a function that can run in another process. It is made by [Register].
type Func[In, Out any] struct{ f *function }

// A function is a registered function, without its types.
type function struct {
	name    string
	in, out shape
	// run runs the function with the input of a message, and sends the reply.
	run func(w *worker, ctx context.Context, m *message, id uint32)
	// greet runs the function as an initializer.
	greet func(w *worker, ctx context.Context, m *message) error
	local any // the function itself
}

var registry = struct {
	sync.Mutex
	functions map[string]*function
	closed    bool // Main was called
}{functions: make(map[string]*function)}

// Register registers fn under the given name as a function that can run in another process. It is called at package
// level, so that the same functions are registered in every process of the program:
//
//	var square = process.Register("square", func(ctx context.Context, n int) (int, error) { return n * n, nil })
//
// Values of the types In and Out are passed between processes. Numbers, strings and slices of numbers are passed
// directly; all other types are encoded by encoding/gob, which encodes exported fields and requires gob.Register for
// types inside interfaces, or by encoding/json if the [Executor] was made [WithJSON]. A type that contains channels or
// functions cannot be encoded: using the Func then fails with an [EncodingError].
//
// The context of fn ends when the task is canceled, or when the submitter's context ends. It has the submitter's
// deadline, but not its values.
//
// Register panics if fn is nil, if the name is taken, or if [Main] has already been called.
func Register[In, Out any](name string, fn func(ctx context.Context, in In) (Out, error)) Func[In, Out] {
	if fn == nil {
		misuse("Register", "the function is nil")
	}
	f := &function{name: name, in: shapeOf(reflect.TypeFor[In]()), out: shapeOf(reflect.TypeFor[Out]()), local: fn}
	f.greet = func(w *worker, ctx context.Context, m *message) error {
		in, err := receiveValue[In](&w.dec, &f.in, m)
		if err == nil {
			_, err = fn(ctx, in)
		}
		return err
	}
	f.run = func(w *worker, ctx context.Context, m *message, id uint32) {
		returned := false
		defer func() {
			if !returned {
				w.fail(ctx, id, died(recover()))
			}
		}()
		in, err := receiveValue[In](&w.dec, &f.in, m)
		m.body, m.chunks = nil, nil
		var out Out
		if err == nil {
			out, err = fn(ctx, in)
		}
		if err == nil {
			w.flushTrace()
			err = sendValue(w.conn, &w.enc, &f.out, kindReply, w.renew(), id, nil, &out)
		}
		returned = true
		if err != nil {
			w.fail(ctx, id, err)
		}
	}
	registry.Lock()
	defer registry.Unlock()
	switch {
	case registry.closed:
		misuse("Register", "%q is registered after Main was called; do that at package level", name)
	case registry.functions[name] != nil:
		misuse("Register", "the name %q is taken", name)
	}
	registry.functions[name] = f
	return Func[In, Out]{f}
}

// Name returns the name of the function.
func (f Func[In, Out]) Name() string {
	if f.f == nil {
		return ""
	}
	return f.f.name
}

// Call runs the function in this process.
func (f Func[In, Out]) Call(ctx context.Context, in In) (Out, error) {
	f.check("Func.Call")
	fn, _ := f.f.local.(func(context.Context, In) (Out, error)) // Register put it there
	return fn(ctx, in)
}

// check panics if f is the zero value, or if this process cannot use other processes.
func (f Func[In, Out]) check(op string) {
	if f.f == nil {
		misuse(op, "the function was not made by Register")
	}
}

// usable panics if this process cannot use other processes.
func usable(op string) {
	registry.Lock()
	closed := registry.closed
	registry.Unlock()
	if !closed {
		misuse(op, "Main was not called: it must be the first line of main, or of TestMain")
	}
}
