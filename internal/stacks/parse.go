package stacks

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"time"
)

// A Goroutine is a goroutine in a profile.
type Goroutine struct {
	ID     int64
	State  string        // such as "chan receive"
	Waited time.Duration // the time for which it has waited, in whole minutes; 0: less than one
	Stack  []Frame       // innermost first
	Parent int64         // the goroutine that started it, 0: not known
	Origin Frame         // where it was started, if that is known
}

// Runs reports whether g is not waiting.
func (g *Goroutine) Runs() bool {
	switch g.State {
	case "running", "runnable", "syscall", "preempted", "copystack":
		return true
	}
	return false
}

// A Frame is a call on a stack.
type Frame struct {
	Func string // such as "net/http.(*conn).serve"
	File string
	Line int
}

// Place returns where f is, such as "server.go:12".
func (f Frame) Place() string { return path.Base(f.File) + ":" + strconv.Itoa(f.Line) }

// Short returns the name of the function without the path of its package, such as "http.(*conn).serve".
func (f Frame) Short() string { return f.Func[strings.LastIndexByte(f.Func, '/')+1:] }

// pkg returns the import path of the package of f.
func (f Frame) pkg() string {
	slash := strings.LastIndexByte(f.Func, '/') + 1
	name, _, _ := strings.Cut(f.Func[slash:], ".")
	return f.Func[:slash] + name
}

// errNoProfile is returned for anything that is not a goroutine profile.
var errNoProfile = errors.New("no goroutine profile of net/http/pprof")

// Limits of a profile.
const (
	maxLine   = 64 << 10
	maxFrames = 128
)

// Parse parses a goroutine profile in the format of debug=2. If it ends in the middle of a goroutine, the part before
// is still returned.
func Parse(r io.Reader) ([]Goroutine, error) {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, 4096), maxLine)
	var all []Goroutine
	var g *Goroutine
	fn := ""        // the function whose position is in the next line
	origin := false // it is the function that started g
	for s.Scan() {
		line := s.Text()
		switch place, indented := strings.CutPrefix(line, "\t"); {
		case line == "":
			g, fn = nil, ""
		case g == nil:
			next, ok := parseHead(line)
			if !ok {
				if len(all) > 0 {
					return all, nil // text after the goroutines, or a truncated one
				}
				return nil, fmt.Errorf("%w: it begins with %.60q", errNoProfile, line)
			}
			all = append(all, next)
			g = &all[len(all)-1]
		case indented && fn != "":
			f := Frame{Func: fn}
			f.File, f.Line = parsePlace(place)
			if origin {
				g.Origin = f
			} else if len(g.Stack) < maxFrames {
				g.Stack = append(g.Stack, f)
			}
			fn = ""
		case strings.HasPrefix(line, "created by "):
			fn, origin = strings.TrimPrefix(line, "created by "), true
			if i := strings.LastIndex(fn, " in goroutine "); i >= 0 {
				g.Parent, _ = strconv.ParseInt(fn[i+len(" in goroutine "):], 10, 64)
				fn = fn[:i]
			}
		default:
			fn, origin = withoutArgs(line), false
		}
	}
	if err := s.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			return nil, fmt.Errorf("%w: it has a line of more than %d bytes", errNoProfile, maxLine)
		}
		return nil, err // it is the reader's
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%w: it is empty", errNoProfile)
	}
	return all, nil
}

// parseHead parses a line such as "goroutine 12 [chan receive, 5 minutes, locked to thread]:".
func parseHead(line string) (g Goroutine, ok bool) {
	rest, ok := strings.CutPrefix(line, "goroutine ")
	if !ok || !strings.HasSuffix(line, ":") {
		return g, false
	}
	id, rest, _ := strings.Cut(rest, " ")
	var err error
	if g.ID, err = strconv.ParseInt(id, 10, 64); err != nil || g.ID <= 0 {
		return g, false
	}
	from, to := strings.IndexByte(rest, '['), strings.IndexByte(rest, ']')
	if from < 0 || to < from {
		return g, false
	}
	parts := strings.Split(rest[from+1:to], ", ")
	g.State = parts[0]
	for _, p := range parts[1:] {
		if n, isTime := strings.CutSuffix(p, " minutes"); isTime {
			if m, err := strconv.Atoi(n); err == nil && m >= 0 && m < 1<<24 {
				g.Waited = time.Duration(m) * time.Minute
			}
		}
	}
	return g, true
}

// parsePlace parses a line such as "/src/x.go:12 +0x1d".
func parsePlace(s string) (file string, line int) {
	if i := strings.LastIndex(s, " +0x"); i >= 0 {
		s = s[:i]
	}
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, 0
	}
	n, err := strconv.Atoi(s[i+1:])
	if err != nil {
		return s, 0
	}
	return s[:i], n
}

// withoutArgs returns the function of a line such as "main.(*server).loop(0xc000012345, {0x1, 0x2})".
func withoutArgs(s string) string {
	if !strings.HasSuffix(s, ")") {
		return s
	}
	depth := 0
	for i := len(s) - 1; i >= 0; i-- {
		switch s[i] {
		case ')':
			depth++
		case '(':
			if depth--; depth == 0 {
				return s[:i]
			}
		}
	}
	return s
}

// A standard distinguishes functions of the standard library from others.
type standard struct {
	root string // the directory of the standard library, "" if unknown
}

// findStandard finds the directory of the standard library from functions that are surely part of it.
func findStandard(all []Goroutine) standard {
	for i := range all {
		for _, f := range all[i].Stack {
			switch p := f.pkg(); p {
			case "net/http", "internal/poll", "sync", "time", "runtime", "runtime/pprof", "net/http/pprof", "net", "os/signal":
				if root, ok := strings.CutSuffix(path.Dir(f.File), "/"+p); ok {
					return standard{root + "/"}
				}
			}
		}
	}
	return standard{}
}

// has reports whether f is in the standard library.
func (s standard) has(f Frame) bool {
	if s.root != "" {
		return strings.HasPrefix(f.File, s.root)
	}
	first, _, _ := strings.Cut(f.Func, "/")
	if strings.Contains(f.Func, "/") {
		return !strings.Contains(first, ".")
	}
	return !strings.HasPrefix(f.Func, "main.")
}

// where returns the most informative frame of g: the innermost of the program's own.
func (s standard) where(g *Goroutine) Frame {
	for _, f := range g.Stack {
		if !s.has(f) {
			return f
		}
	}
	for _, f := range g.Stack {
		switch f.pkg() {
		case "runtime", "sync", "internal/sync", "internal/poll", "time", "syscall", "internal/runtime/syscall":
		default:
			return f
		}
	}
	if len(g.Stack) > 0 {
		return g.Stack[len(g.Stack)-1]
	}
	return g.Origin
}

// key returns a key that is equal for goroutines that do the same at the same position.
func key(g *Goroutine) string {
	var b bytes.Buffer
	b.WriteString(g.State)
	for _, f := range g.Stack {
		b.WriteByte('\n')
		b.WriteString(f.Func)
		b.WriteByte(':')
		b.WriteString(strconv.Itoa(f.Line))
	}
	return b.String()
}
