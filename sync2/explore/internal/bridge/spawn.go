//go:build turnstile_goroot

package bridge

import (
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
)

// spawn is called for a go statement. It reports whether the goroutine was made a task: not so that which waits for signals
// for the whole process.
//
//go:norace
func spawn(thread unsafe.Pointer, fn func()) bool {
	b := bodyOf(fn)
	if b.signals {
		engine.Strangers = true
		return false
	}
	t := taskOf(thread)
	t.DescribeChild(fn, engine.Told)
	t.Ask(engine.SpawnRequest, nil, b.named(len(t.Exec.Tasks)))
	return true
}

// A body is a function that go statements have started.
type body struct {
	name    string
	names   []string // of the goroutines that it was, by their numbers
	signals bool     // it waits for signals
}

// bodies are all by where their code begins, since a name takes long to find and to put together.
var bodies = map[uintptr]*body{}

//go:norace
func bodyOf(fn func()) *body {
	pc := **(**uintptr)(unsafe.Pointer(&fn))
	b := bodies[pc]
	if b == nil {
		b = &body{name: nameOf(fn)}
		if f := runtime.FuncForPC(pc); f != nil {
			b.signals = strings.HasPrefix(f.Name(), "os/signal.")
		}
		bodies[pc] = b
	}
	return b
}

// named returns what the goroutine is called that is the n'th of its run and does what b says.
//
//go:norace
func (b *body) named(n int) string {
	const most = 1 << 10
	if n >= most {
		return b.name + "#" + strconv.Itoa(n)
	}
	for len(b.names) <= n {
		b.names = append(b.names, "")
	}
	if b.names[n] == "" {
		b.names[n] = b.name + "#" + strconv.Itoa(n)
	}
	return b.names[n]
}

// nameOf returns what a function is called, without its package.
//
//go:norace
func nameOf(fn func()) string {
	f := runtime.FuncForPC(**(**uintptr)(unsafe.Pointer(&fn)))
	if f == nil {
		return "func"
	}
	name := f.Name()
	_, name, _ = strings.Cut(name[strings.LastIndexByte(name, '/')+1:], ".")
	return name
}

// What a function is to the explorer whose operations are looked at; the runtime knows these numbers.
const (
	ofProgram = 0 // they are operations
	ofOthers  = 1 // they are none
	between   = 2 // its caller says
	ofSync    = 3 // of package sync itself, whose atomic operations are none
)

// modules are the paths of the modules that the program consists of.
var modules = func() []string {
	all := []string{"main", "command-line-arguments"}
	if info, ok := debug.ReadBuildInfo(); ok {
		all = append(all, info.Main.Path)
		for _, m := range info.Deps {
			all = append(all, m.Path)
		}
		all = append(all, strings.TrimSuffix(info.Path, ".test"))
	}
	return all
}()

// classOf says what a function is that calls into package sync.
func classOf(fn string) uint8 {
	if i := strings.IndexByte(fn, '['); i > 0 {
		fn = fn[:i]
	}
	pkg := fn[:strings.LastIndexByte(fn, '/')+1]
	last, _, _ := strings.Cut(fn[len(pkg):], ".")
	pkg += last
	switch pkg {
	case "sync", "internal/sync":
		return ofSync
	case "sync/atomic", "runtime", "internal/runtime/atomic", "internal/runtime/maps", "math/rand", "math/rand/v2":
		return between
	case "context", "time", "io", "net":
		return ofProgram
	}
	if strings.HasPrefix(pkg, own) {
		return ofOthers
	}
	for _, m := range modules {
		if m != "" && strings.HasPrefix(pkg, m) {
			return ofProgram
		}
	}
	if first, _, _ := strings.Cut(pkg, "/"); strings.Contains(first, ".") {
		return ofProgram
	}
	return ofOthers
}

// own is the import path of package sync2.
var own = strings.TrimSuffix(engine.Package, "/explore/internal/engine")
