//go:build turnstile_goroot

package bridge

import (
	"os"
	"path"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"unsafe"

	"github.com/turnstile-go/turnstile/internal/place"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
)

//go:linkname rtPassed runtime.tsPassed
func rtPassed(fn func()) (entry, at uintptr)

//go:linkname rtHasPassed runtime.tsHasPassed
func rtHasPassed(fn func(), entry, at uintptr) bool

// names has the names of the goroutines of the test under exploration.
var names naming

// A naming names goroutines by the functions that they run. If a library starts one, as sync.WaitGroup.Go does, that is the
// function that the library was given.
type naming struct {
	pkg   string // its functions need no qualifier
	test  string // the prefix of the names of function literals in the test
	known []named
	timer numbered
}

// Name is called when the exploration of a test of the package with the given import path begins.
func Name(pkg, test string) {
	test, _, _ = strings.Cut(test, "/")
	names = naming{pkg: pkg, test: test, timer: numbered{name: "timer"}}
}

// A named is the name of goroutines that run fn, which was given the function passed, if that is not 0.
type named struct {
	fn, passed uintptr
	at         uintptr // the position of its name
	signals    bool    // it waits for signals
	*numbered
}

// A numbered is a name that several goroutines of a run may share.
type numbered struct {
	name  string
	run   uint32 // the last run in which a goroutine had it
	n     int    // the number of goroutines that had it in that run
	texts []string
}

// next returns the name of the next goroutine in x's run: worker, worker#2, worker#3 …
func (n *numbered) next(x *engine.Execution) string {
	if n.run != x.Runs {
		n.run, n.n = x.Runs, 0
	}
	n.n++
	for len(n.texts) < n.n {
		text := n.name
		if i := len(n.texts); i > 0 {
			text += "#" + strconv.Itoa(i+1)
		}
		n.texts = append(n.texts, text)
	}
	return n.texts[n.n-1]
}

// entryOf returns where fn begins.
func entryOf(fn func()) uintptr { return **(**uintptr)(unsafe.Pointer(&fn)) }

// of returns the name of a goroutine that is about to run fn.
func (s *naming) of(fn func()) *named {
	pc, others := entryOf(fn), false
	for i := range s.known {
		if k := &s.known[i]; k.fn == pc {
			if k.passed == 0 && !others || k.passed != 0 && rtHasPassed(fn, k.passed, k.at) {
				return k
			}
			others = true
		}
	}
	return s.add(fn, pc)
}

// add returns the name of a goroutine that is about to run fn, which begins at pc, when lookup has not found it.
func (s *naming) add(fn func(), pc uintptr) *named {
	name, signals, passed, at := "", false, uintptr(0), uintptr(0)
	if f := runtime.FuncForPC(pc); f != nil && (engine.Mine == nil || !engine.Mine(f.Name())) {
		passed, at = rtPassed(fn)
		signals = strings.HasPrefix(f.Name(), "os/signal.")
	}
	for i := range s.known {
		if k := &s.known[i]; k.fn == pc && k.passed == passed {
			return k
		}
	}
	if passed != 0 {
		name = s.name(passed)
	} else {
		name = s.name(pc)
	}
	k := named{fn: pc, passed: passed, at: at, signals: signals}
	for i := range s.known {
		if o := s.known[i].numbered; o.name == name {
			k.numbered = o
		}
	}
	if k.numbered == nil {
		k.numbered = &numbered{name: name}
	}
	s.known = append(s.known, k)
	return &s.known[len(s.known)-1]
}

// started matches the function in a go statement. It is compiled only when needed, which is rare: compiling takes longer than
// most other initialization.
var started = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\bgo\s+([\pL_][\pL\pN_.]*)[\[(]`) })

const digits = "0123456789"

// isWrapper reports whether a name is the compiler's for a function literal that it makes from a go statement with arguments.
func isWrapper(name string) bool {
	rest := strings.TrimRight(name, digits)
	return rest != name && strings.HasSuffix(rest, ".gowrap")
}

// isMajor reports whether elem is the last element of the path of a module from its second major version on.
func isMajor(elem string) bool {
	return len(elem) > 1 && elem[0] == 'v' && strings.Trim(elem[1:], digits) == ""
}

// withoutArguments returns the name of a function without the type arguments that it has if it is an instance of a generic one.
func withoutArguments(name string) string {
	if i, j := strings.IndexByte(name, '['), strings.LastIndexByte(name, ']'); i >= 0 && i < j {
		return name[:i] + name[j+1:]
	}
	return name
}

// name returns the name of a goroutine that runs the function that begins at pc.
func (s *naming) name(pc uintptr) string {
	f := runtime.FuncForPC(pc)
	if f == nil {
		return "goroutine"
	}
	full := withoutArguments(strings.TrimSuffix(f.Name(), "-fm"))
	slash := strings.LastIndexByte(full, '/') + 1
	last, name, _ := strings.Cut(full[slash:], ".")
	pkg := strings.ReplaceAll(full[:slash]+last, "%2e", ".")
	if pkg == s.pkg || pkg == s.pkg+"_test" || pkg == "main" || engine.Mine != nil && engine.Mine(full) && isWrapper(name) {
		if isWrapper(name) {
			return statement(f.FileLine(pc))
		}
		return strings.TrimPrefix(name, s.test+".")
	}
	if base := path.Base(pkg); isMajor(base) {
		last = path.Base(path.Dir(pkg))
	} else {
		last = base
	}
	if engine.Mine == nil || !engine.Mine(full) {
		name = engine.TrimLiterals(name)
	}
	return last + "." + name
}

// statement returns the function started by the go statement in a line of a file, or its position if it is a function literal.
func statement(file string, line int) string {
	if text, err := os.ReadFile(place.OnDisk(file)); err == nil {
		if lines := strings.SplitN(string(text), "\n", line+1); len(lines) >= line && line > 0 {
			if m := started().FindStringSubmatch(lines[line-1]); m != nil && m[1] != "func" {
				return m[1]
			}
		}
	}
	return place.Of(file, line)
}
