package sync2_test

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"unicode"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A printable is a new value of a type, or of a kind of it, and its String; %s stands for its name.
type printable struct {
	of   any
	want string
}

func printables() []printable {
	return []printable{
		{new(sync2.Event), "event%s: not set, 0 wait"},
		{sync2.NewBarrier(3), "barrier%s: 0 of 3 have arrived"},
		{sync2.NewSemaphore(2), "semaphore%s: 2, 0 wait"},
		{sync2.NewBoundedSemaphore(3), "semaphore%s: 3 of 3, 0 wait"},
		{new(sync2.Mutex), "mutex%s: unlocked, 0 wait"},
		{new(sync2.ReentrantLock), "reentrantlock%s: unlocked, 0 wait"},
		{new(sync2.RWMutex), "rwmutex%s: unlocked, 0 wait"},
		{new(sync2.KeyedMutex[int]), "keyedmutex%s: 0 keys"},
		{new(sync2.WaitGroup), "waitgroup%s: 0, 0 wait"},
		{new(sync2.Once), "once%s: not done"},
		{sync2.NewCond(new(sync2.Mutex)), "cond%s: 0 wait"},
		{new(sync2.Local[int]), "local%s: not set"},
		{sync2.NewQueue[int](10), "queue%s: 0 of 10, 0 unfinished, 0 wait"},
		{sync2.NewStack[int](0), "stack%s: 0, 0 unfinished, 0 wait"},
		{sync2.NewPriorityQueue(0, func(a, b int) int { return a - b }), "priority queue%s: 0, 0 unfinished, 0 wait"},
		{sync2.NewExecutor(4), "executor%s: 0 of 4 run, 0 queue"},
		{sync2.NewPromise[int]().Future(), "future%s: pending"},
		{sync2.NewPromise[int](), "promise%s: pending"},
		{new(sync2.Flight[string, int]), "flight%s: 0 under way"},
		{sync2.NewGroup(context.Background(), sync2.WithLimit(3)), "group%s: 0 of 3 run, 0 wait"},
		{sync2.NewWatch("secret"), "watch%s: version 1, 0 wait"},
	}
}

// elsewherePrinted are types whose String has a test of its own.
var elsewherePrinted = []string{"Goroutine"}

// Every type that can be traced says in one line what it is, also through fmt, with the name that it was given, as the
// zero value and as a nil pointer.
func TestStrings(t *testing.T) {
	tested := make(map[string]bool)
	for _, p := range printables() {
		typ := reflect.TypeOf(p.of).Elem()
		name, _, _ := strings.Cut(typ.Name(), "[")
		tested[name] = true
		if got, want := fmt.Sprint(p.of), fmt.Sprintf(p.want, ""); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
		if _, promise := p.of.(*sync2.Promise[int]); !promise { // it is called as its future
			trace.Name(p.of, "it")
			if got, want := fmt.Sprintf("%v", p.of), fmt.Sprintf(p.want, " it"); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
			trace.Name(p.of, "a\nb")
		}
		for _, of := range []any{p.of, reflect.New(typ).Interface(), reflect.Zero(reflect.PointerTo(typ)).Interface()} {
			got := of.(fmt.Stringer).String()
			if strings.ContainsFunc(got, unicode.IsControl) || !unicode.IsLower([]rune(got)[0]) || !strings.Contains(got, ": ") {
				t.Errorf("%s: %q", name, got)
			}
		}
	}
	for _, name := range append(elsewherePrinted, "Future") {
		tested[name] = true
	}
	for name := range tracedTypes(t) {
		if ast.IsExported(name) && !tested[name] {
			t.Errorf("%s can be traced, and has no String, or none that is tested", name)
		}
	}
}

// tracedTypes returns the types that have a method traced.
func tracedTypes(t *testing.T) map[string]bool {
	found := make(map[string]bool)
	packages, err := parser.ParseDir(token.NewFileSet(), ".", nil, 0) //nolint:staticcheck // build tags do not matter
	if err != nil {
		t.Fatal(err)
	}
	for _, decl := range declarations(packages["sync2"]) {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Name.Name == "traced" && f.Recv != nil {
			ast.Inspect(f.Recv.List[0].Type, func(n ast.Node) bool {
				id, ok := n.(*ast.Ident)
				if ok && len(id.Name) > 1 { // not a type parameter
					found[id.Name] = true
				}
				return true
			})
		}
	}
	if len(found) < 10 {
		t.Fatalf("found %v", found)
	}
	return found
}

func declarations(p *ast.Package) (all []ast.Decl) { //nolint:staticcheck // the files need not be of one build
	for _, f := range p.Files {
		all = append(all, f.Decls...)
	}
	return all
}

// String shows the state of a primitive in use.
func TestStringsInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		said := func(of any, want string) {
			t.Helper()
			synctest.Wait()
			if got := fmt.Sprint(of); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		}
		var end sync2.Event
		ann := sync2.Go("ann", end.Wait)
		said(ann, "goroutine ann: running")
		said(&end, "event: not set, 1 wait")
		nobody := sync2.Go("", end.Wait)
		said(nobody, fmt.Sprintf("goroutine-%d: running", nobody.ID()))
		said(sync2.Current(), fmt.Sprintf("goroutine-%d: running", sync2.Current().ID()))
		said(new(sync2.Goroutine), "goroutine: not made by Go")
		said((*sync2.Goroutine)(nil), "goroutine: nil")

		s := sync2.NewBoundedSemaphore(3)
		trace.Name(s, "pool")
		s.Acquire()
		s.Acquire()
		go func() { _ = s.AcquireN(t.Context(), 2) }()
		synctest.Wait()
		go s.Acquire()
		said(s, "semaphore pool: 1 of 3, 2 wait")
		s.ReleaseN(2)
		said(s, "semaphore pool: 0 of 3, 0 wait")

		var m sync2.Mutex
		m.Lock()
		go func() { m.Lock(); m.Unlock() }()
		said(&m, "mutex: locked, 1 wait")
		m.Unlock()

		var room sync2.ReentrantLock
		sync2.Go("ben", func() { room.Lock(); end.Wait(); room.Unlock() })
		said(&room, "reentrantlock: held by ben, 0 wait")

		var rw sync2.RWMutex
		rw.RLock()
		go func() { rw.Lock(); end.Wait(); rw.Unlock() }()
		said(&rw, "rwmutex: 1 read, 1 wait")
		rw.RUnlock()
		said(&rw, "rwmutex: written, 0 wait")

		var o sync2.Once
		go o.Do(end.Wait)
		synctest.Wait()
		go o.Do(nothing)
		said(&o, "once: running, 1 wait")

		var g sync2.WaitGroup
		g.Add(2)
		go g.Wait()
		said(&g, "waitgroup: 2, 1 wait")
		g.Add(-2)

		var local sync2.Local[string]
		local.Set("secret")
		said(&local, "local: set")
		local.Delete()

		b := sync2.NewBarrier(2)
		b.Abort(nil)
		said(b, "barrier: broken")

		q := sync2.NewQueue[string](1)
		_ = q.Put("secret")
		go func() { _ = q.Put("secret") }()
		said(q, "queue: 1 of 1, 1 unfinished, 1 wait")
		q.Discard()
		said(q, "queue: 0 of 1, 0 unfinished, 0 wait, closed")

		e := sync2.NewExecutor(2, sync2.WithName("io"))
		page := sync2.Submit(e, func(context.Context) (string, error) { end.Wait(); return "secret", nil })
		trace.Name(page, "page-7")
		said(page, "future page-7: running")
		said(e, "executor io: 1 of 2 run, 0 queue")

		w := sync2.NewWatch("secret")
		w.Set("secret")
		said(w, "watch: version 2, 0 wait")

		end.Set()
		said(page, "future page-7: succeeded")
		said(ann, "goroutine ann: ended")
		said(&end, "event: set, 0 wait")
		said(&o, "once: done")
		e.Shutdown()
		said(e, "executor io: 0 of 2 run, 0 queue, shut down")
	})
}
