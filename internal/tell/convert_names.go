package tell

import (
	"bytes"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// another returns name, with a number appended if it is taken.
func (c *converter) another(name string) string {
	c.names[name]++
	if n := c.names[name]; n > 1 {
		return name + "#" + strconv.Itoa(n)
	}
	return name
}

// goStatement matches the call in a go statement.
var goStatement = regexp.MustCompile(`\bgo\s+([\pL_][\pL\pN_.]*)(?:\[[^\]]*\])?\(`)

// called returns the name of a goroutine: that of the function it runs.
func (c *converter) called(r *raw) string {
	fn := ""
	if s := c.places[uint64(r.n)]; s != nil {
		fn = s.short()
	}
	name, wrapper := strings.CutSuffix(fn, "-fm")
	if strings.Contains(name, ".gowrap") {
		wrapper = true
	}
	at := c.places[r.pc]
	if wrapper && at != nil { // only the source shows what it calls
		if m := goStatement.FindSubmatch(c.line(at)); m != nil && string(m[1]) != "func" {
			return string(m[1])
		}
	}
	switch {
	case fn != "" && !wrapper:
		return fn
	case at != nil:
		return "go " + at.place()
	}
	return "goroutine"
}

// named returns the name of an object of a sort that is made, or first used, at pc: its name in that line, if that is
// unambiguous, or else the sort; and the line.
func (c *converter) named(sort string, pc uint64) string {
	s := c.places[pc]
	if s == nil {
		return c.another(sort + " of the library")
	}
	how := used
	if sort == "chan" || sort == "timer" {
		how = makes
	}
	line := c.line(s)
	if m := how.FindAllSubmatch(line, 2); len(m) == 1 && bytes.Count(line, []byte("make(chan")) < 2 && len(m[0][1]) == 0 {
		sort = string(m[0][2])
	}
	return c.another(sort + " " + s.place())
}

var (
	// makes matches the variable that receives a new channel or timer.
	makes = regexp.MustCompile(`(,?)\s*\b([\pL_][\pL\pN_.]*)\s*(?::=|=|:)\s*(?:make\(chan\b|time\.(?:NewTimer|NewTicker|AfterFunc|After|Tick)\()`)
	// used matches the receiver of a method of package sync.
	used = regexp.MustCompile(`()([\pL_][\pL\pN_.]*)\.(?:R?Lock|R?Unlock|TryR?Lock|Wait|Add|Done|Go|Do|Signal|Broadcast)\(`)
)

// pc returns the position pc for an event, and defines it.
func (c *converter) pc(pc uint64) uint64 {
	s := c.places[pc]
	if s == nil {
		return 0
	}
	if !s.defined {
		s.defined = true
		text := s.place() + " " + s.fn[strings.LastIndexByte(s.fn, '/')+1:]
		from, source := c.around(s)
		if source != "" {
			text += "\n" + source
		}
		c.emit(trace.Event{Kind: trace.KindDefinePC, PC: pc, N: int64(from), Text: text})
	}
	return pc
}

const (
	sides    = 30      // the number of source lines before and after a position
	maxFile  = 4 << 20 // the maximum size of a file read for that, in bytes
	maxFiles = 256
)

// source returns the lines of the file called name, nil if they cannot be read.
func (c *converter) source(name string) [][]byte {
	lines, known := c.files[name]
	if !known && len(c.files) < maxFiles && path.IsAbs(name) {
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() && info.Size() <= maxFile {
			if text, err := os.ReadFile(name); err == nil { //nolint:gosec // a source file of the program, which reported its path
				lines = bytes.Split(text, []byte("\n"))
			}
		}
		c.files[name] = lines
	}
	return lines
}

func (c *converter) line(s *site) []byte {
	if lines := c.source(s.file); s.line >= 1 && s.line <= len(lines) {
		return lines[s.line-1]
	}
	return nil
}

// around returns the source around s, and the number of the first line.
func (c *converter) around(s *site) (from int, text string) {
	lines := c.source(s.file)
	if s.line < 1 || s.line > len(lines) {
		return 0, ""
	}
	from = max(1, s.line-sides)
	return from, string(bytes.Join(lines[from-1:min(len(lines), s.line+sides)], []byte("\n")))
}

// Channels.

// learn records the position pc.
func (c *converter) learn(pc uint64, s *site) {
	if old := c.places[pc]; old == nil {
		c.places[pc] = s
	}
}

// A site is a position in the program.
type site struct {
	file, fn string
	line     int
	defined  bool
}

// place returns the file and line, such as "main.go:12".
func (s *site) place() string { return path.Base(s.file) + ":" + strconv.Itoa(s.line) }

// short returns the name of the function without that of its package.
func (s *site) short() string {
	fn := s.fn[strings.LastIndexByte(s.fn, '/')+1:]
	if _, name, ok := strings.Cut(fn, "."); ok {
		return name
	}
	return fn
}
