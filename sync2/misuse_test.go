package sync2_test

import (
	"context"
	"fmt"
	"iter"
	"reflect"
	"testing"
	"time"

	"github.com/turnstile-go/turnstile/sync2"
)

// A constructed is a type that has a constructor: a nil pointer, one to a zero value, and one to a constructed value.
type constructed struct {
	name            string
	null, zero, fit any
}

// constructedTypes returns all of them.
func constructedTypes() []constructed {
	settled := sync2.NewPromise[int]()
	settled.Succeed(1)
	ended := sync2.Go("ended", func() {})
	ended.Join()
	return []constructed{
		{"Queue", (*sync2.Queue[int])(nil), new(sync2.Queue[int]), sync2.NewPriorityQueue(0, func(a, b int) int { return a - b })},
		{"Promise", (*sync2.Promise[int])(nil), new(sync2.Promise[int]), sync2.NewPromise[int]()},
		{"Future", (*sync2.Future[int])(nil), new(sync2.Future[int]), settled.Future()},
		{"Executor", (*sync2.Executor)(nil), new(sync2.Executor), sync2.NewExecutor(1)},
		{"Watch", (*sync2.Watch[int])(nil), new(sync2.Watch[int]), sync2.NewWatch(1)},
		{"Group", (*sync2.Group)(nil), new(sync2.Group), sync2.NewGroup(context.Background())},
		{"Goroutine", (*sync2.Goroutine)(nil), new(sync2.Goroutine), ended},
	}
}

// arguments returns possible arguments for a method.
func arguments(method reflect.Type, ctx context.Context) []reflect.Value {
	var in []reflect.Value
	for p := range method.Ins() {
		switch p {
		case reflect.TypeFor[context.Context]():
			in = append(in, reflect.ValueOf(&ctx).Elem())
		case reflect.TypeFor[time.Duration]():
			in = append(in, reflect.ValueOf(time.Minute))
		case reflect.TypeFor[error]():
			in = append(in, reflect.ValueOf(errTest))
		default:
			if p.Kind() == reflect.Func {
				in = append(in, reflect.MakeFunc(p, func([]reflect.Value) []reflect.Value { panic("called") }))
				continue
			}
			in = append(in, reflect.Zero(p))
		}
	}
	return in
}

// Every method but String of a nil pointer, or of the zero value of a type that has a constructor, panics with a UsageError
// before it looks at its context.
func TestUnmade(t *testing.T) {
	for _, c := range constructedTypes() {
		for what, v := range map[string]any{"nil": c.null, "zero": c.zero} {
			for i := range reflect.TypeOf(v).NumMethod() {
				if reflect.TypeOf(v).Method(i).Name == "String" {
					continue // whatever it is, it can be printed
				}
				m := reflect.ValueOf(v).Method(i)
				op := c.name + "." + reflect.TypeOf(v).Method(i).Name
				for _, ctx := range []context.Context{context.Background(), ended(errTest)} {
					t.Run(what+" "+op, func(t *testing.T) {
						wantMisuse(t, op, func() { m.Call(arguments(m.Type(), ctx)) })
					})
				}
			}
		}
	}
}

// Every method that takes a context or a function panics with a UsageError if that is nil, in every state.
func TestNilArguments(t *testing.T) {
	for _, c := range constructedTypes() {
		v := reflect.ValueOf(c.fit)
		for i := range v.NumMethod() {
			m := v.Method(i)
			op := c.name + "." + v.Type().Method(i).Name
			in := arguments(m.Type(), t.Context())
			for j := range in {
				if p := m.Type().In(j); p == reflect.TypeFor[context.Context]() || p.Kind() == reflect.Func {
					t.Run(fmt.Sprintf("%s argument %d", op, j), func(t *testing.T) {
						in[j] = reflect.Zero(p)
						wantMisuse(t, op, func() { m.Call(in) })
					})
				}
			}
		}
	}
}

// Functions that take futures, executors or options panic in the same way.
func TestFunctionMisuse(t *testing.T) {
	ctx := t.Context()
	e := sync2.NewExecutor(1)
	defer e.Shutdown()
	p := sync2.NewPromise[int]()
	p.Succeed(1)
	fine, unmade := p.Future(), new(sync2.Future[int])
	task := func(context.Context, int) (int, error) { return 0, nil }
	one := func(yield func(int) bool) { yield(1) }
	type futures = []*sync2.Future[int]
	waits := map[string]func(context.Context, ...*sync2.Future[int]){
		"WaitAll":        func(ctx context.Context, fs ...*sync2.Future[int]) { _, _, _ = sync2.WaitAll(ctx, fs...) },
		"WaitAny":        func(ctx context.Context, fs ...*sync2.Future[int]) { _, _, _ = sync2.WaitAny(ctx, fs...) },
		"WaitFirstError": func(ctx context.Context, fs ...*sync2.Future[int]) { _, _, _ = sync2.WaitFirstError(ctx, fs...) },
		"AsCompleted": func(ctx context.Context, fs ...*sync2.Future[int]) {
			for range sync2.AsCompleted(ctx, fs...) {
				break
			}
		},
	}
	for op, wait := range waits {
		for _, fs := range []futures{{nil}, {fine, nil}, {unmade}, {fine, unmade}} {
			wantMisuse(t, op, func() { wait(ctx, fs...) })
			wantMisuse(t, op, func() { wait(ended(errTest), fs...) })
		}
		for _, fs := range []futures{{}, {fine}} {
			wantMisuse(t, op, func() { wait(nil, fs...) })
		}
	}
	for _, e := range []*sync2.Executor{nil, new(sync2.Executor)} {
		wantMisuse(t, "Submit", func() { sync2.Submit(e, value(1)) })
		wantMisuse(t, "Map", func() { sync2.Map(e, one, task) })
	}
	wantMisuse(t, "Submit", func() { sync2.Submit[int](e, nil) })
	wantMisuse(t, "Map", func() { sync2.Map(e, nil, task) })
	wantMisuse(t, "Map", func() { sync2.Map[int, int](e, iter.Seq[int](one), nil) })
	wantMisuse(t, "Map", func() { sync2.Map(e, one, task, nil) })
	wantMisuse(t, "WithBuffer", func() { sync2.WithBuffer(-1) })
	wantMisuse(t, "NewExecutor", func() { sync2.NewExecutor(1, nil) })
	wantMisuse(t, "NewExecutor", func() { sync2.NewExecutor(0) })
	wantMisuse(t, "NewBarrier", func() { sync2.NewBarrier(1, sync2.WithTimeout(1), nil) })
	wantMisuse(t, "WithAction", func() { sync2.WithAction(nil) })
	wantMisuse(t, "WithInitializer", func() { sync2.WithInitializer(nil) })
	wantMisuse(t, "Go", func() { sync2.Go("nothing", nil) })
	wantMisuse(t, "NewGroup", func() { sync2.NewGroup(nil) }) //nolint:staticcheck // it must panic
	wantMisuse(t, "NewGroup", func() { sync2.NewGroup(ctx, sync2.WithLimit(1), nil) })
	wantMisuse(t, "WithLimit", func() { sync2.WithLimit(0) })
	if v, err := sync2.Submit(e, value(7)).Result(); v != 7 || err != nil {
		t.Errorf("afterwards: %d, %v", v, err)
	}
}
