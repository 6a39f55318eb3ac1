//go:build turnstile_goroot

package bridge

import (
	"runtime/debug"
	"strings"
	"sync"
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
)

// spawn is called for a go statement. It reports whether the goroutine was made a task: the one that waits for signals for
// the whole process is not.
//
//go:norace
func spawn(thread unsafe.Pointer, fn func()) bool {
	t := taskOf(thread)
	name := names.of(fn)
	if name.signals {
		engine.UncontrolledReleases = true
		return false
	}
	t.DescribeChild(fn, engine.TaskTold)
	t.Request(engine.RequestSpawn, nil, name.next(t.Exec))
	return true
}

// How the explorer treats the operations of a function; the runtime knows these numbers.
const (
	ofProgram = 0 // they are operations
	ofOthers  = 1 // they are not operations
	between   = 2 // its caller decides
	ofSync    = 3 // of package sync itself, whose atomic operations are not operations
)

// modules holds the paths of the modules of the program.
var modules = sync.OnceValue(func() []string {
	all := []string{"main", "command-line-arguments"}
	if info, ok := debug.ReadBuildInfo(); ok {
		all = append(all, info.Main.Path)
		for _, m := range info.Deps {
			all = append(all, m.Path)
		}
		all = append(all, strings.TrimSuffix(info.Path, ".test"))
	}
	return all
})

// poolSlow is the prefix of the functions that lock and unlock the mutex shared by all pools of package sync. That
// mutex is not the program's, however a pool is used, and this must not depend on the depth of the user on the stack:
// a task of a dead run would lock it and never unlock it.
const poolSlow = "sync.(*Pool).pinSlow"

// classOf returns the class of a function that calls into package sync.
func classOf(fn string) uint8 {
	if i := strings.IndexByte(fn, '['); i > 0 {
		fn = fn[:i]
	}
	pkg := fn[:strings.LastIndexByte(fn, '/')+1]
	last, _, _ := strings.Cut(fn[len(pkg):], ".")
	pkg += last
	switch pkg {
	case "sync", "internal/sync":
		if strings.HasPrefix(fn, poolSlow) {
			return ofOthers
		}
		return ofSync
	case "sync/atomic", "runtime", "internal/runtime/atomic", "internal/runtime/maps", "math/rand", "math/rand/v2":
		return between
	case "context", "time", "io", "net":
		return ofProgram
	}
	if strings.HasPrefix(pkg, own) {
		return ofOthers
	}
	for _, m := range modules() {
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
