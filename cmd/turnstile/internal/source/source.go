// Package source adds lines of source to the positions in a trace.
package source

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/scenarios"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Reader adds source lines to the positions in a trace: lines of scenarios from this program, and lines of other programs from
// their files, if these are found. It reads each file once.
type Reader struct {
	disk  bool // files may be read
	began time.Time
	files map[string]*sourceFile
}

// A sourceFile is the lines of a file and the time of its last change. It has no lines if the file does not exist.
type sourceFile struct {
	lines   []string
	changed time.Time
}

const (
	// linesAround is the number of lines added before and after a position.
	linesAround = 30
	// maxSourceLine is the maximum number of bytes added of a line.
	maxSourceLine = 120
	// maxSourceFile is the maximum size of a file whose lines are added, in bytes.
	maxSourceFile = 8 << 20
)

// New returns a Reader, which reads files if disk is true.
func New(disk bool) *Reader {
	return &Reader{disk: disk, files: make(map[string]*sourceFile)}
}

// Add adds lines to the positions that events define without lines.
func (s *Reader) Add(events []trace.Event) {
	for i := range events {
		switch ev := &events[i]; {
		case ev.Kind == trace.KindBegin && ev.N > 0:
			s.began = time.Unix(0, ev.N)
		case ev.Kind == trace.KindDefinePC && ev.N == 0:
			s.define(ev)
		}
	}
}

// define adds lines to the position that ev defines.
func (s *Reader) define(ev *trace.Event) {
	site, path, _ := strings.Cut(ev.Text, "\n")
	place, fn, _ := strings.Cut(site, " ")
	colon := strings.LastIndexByte(place, ':')
	if colon < 0 {
		return
	}
	line, err := strconv.Atoi(place[colon+1:])
	file := s.find(place[:colon], path, fn)
	if err != nil || file == nil || line < 1 || line > len(file.lines) {
		return
	}
	from, to := max(1, line-linesAround), min(len(file.lines), line+linesAround)
	var b strings.Builder
	b.WriteString(site)
	for _, text := range file.lines[from-1 : to] {
		b.WriteByte('\n')
		b.WriteString(text[:min(len(text), maxSourceLine)])
	}
	ev.Text, ev.N = b.String(), int64(from)
	if !s.began.IsZero() && file.changed.After(s.began) || !within(file.lines[:line], fn) {
		ev.Peer = 1
	}
}

// AddRecorded is like Add, for a recording from a file, which another version of this program may have made. If the line of a wait
// does not contain the call that waited, AddRecorded marks the file as changed.
func (s *Reader) AddRecorded(events []trace.Event) {
	s.Add(events)
	defined := make(map[uint64]*trace.Event)
	for i := range events {
		ev := &events[i]
		switch ev.Kind {
		case trace.KindDefinePC:
			defined[ev.PC] = ev
		case trace.KindBlock:
			if def := defined[ev.PC]; def != nil && def.N > 0 && ev.PC != 0 && !calls(def, ev.Text) {
				def.Peer = 1
			}
		default:
		}
	}
}

// calls reports whether the line of the position that def defines has a call of verb, such as "AcquireContext".
func calls(def *trace.Event, verb string) bool {
	site, source, _ := strings.Cut(def.Text, "\n")
	place, _, _ := strings.Cut(site, " ")
	line, err := strconv.Atoi(place[strings.LastIndexByte(place, ':')+1:])
	lines := strings.Split(source, "\n")
	i := line - int(def.N)
	if err != nil || i < 0 || i >= len(lines) || verb == "" || verb[0] < 'A' || verb[0] > 'Z' { // only methods are named there
		return true
	}
	return strings.Contains(lines[i], strings.TrimSuffix(strings.TrimSuffix(verb, "Context"), "Timeout"))
}

// find returns the file called base, whose path was path when the program was built, and which has the function fn. It returns nil
// if there is no such file.
func (s *Reader) find(base, path, fn string) *sourceFile {
	if pkg, _, _ := strings.Cut(fn, "."); pkg == "scenarios" && (path == "" || strings.HasSuffix(path, "/scenarios/"+base)) {
		return s.file("scenarios/"+base, func() (*sourceFile, error) {
			text, err := scenarios.Source.ReadFile(base)
			return &sourceFile{lines: strings.Split(string(text), "\n")}, err // the file is not used if there is an error
		})
	}
	if !s.disk || path == "" {
		return nil
	}
	// The program may have been built in another directory: then the end of the path decides.
	for rest := path; ; {
		if f := s.file(rest, func() (*sourceFile, error) { return readSource(rest) }); f != nil {
			return f
		}
		_, after, more := strings.Cut(strings.TrimPrefix(rest, "/"), "/")
		if !more {
			return nil
		}
		rest = after
	}
}

// file returns the result of read for the file called name. It calls read once for each name, and returns nil if that failed.
func (s *Reader) file(name string, read func() (*sourceFile, error)) *sourceFile {
	f, known := s.files[name]
	if !known {
		var err error
		if f, err = read(); err != nil {
			f = nil
		}
		s.files[name] = f
	}
	return f
}

// readSource reads a source file.
func readSource(name string) (*sourceFile, error) {
	if filepath.Ext(name) != ".go" {
		return nil, os.ErrNotExist
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, err // the file is not used
	}
	if !info.Mode().IsRegular() || info.Size() > maxSourceFile {
		return nil, os.ErrInvalid
	}
	text, err := os.ReadFile(name) //nolint:gosec // it is shown only to a user with permission to read it
	if err != nil {
		return nil, err // likewise
	}
	return &sourceFile{strings.Split(string(text), "\n"), info.ModTime()}, nil
}

// within reports whether the last of lines is in function fn, such as "bank.(*account).pay.func1".
func within(lines []string, fn string) bool {
	_, fn, _ = strings.Cut(fn, ".")
	for _, line := range slices.Backward(lines) {
		if !strings.HasPrefix(line, "func ") {
			continue
		}
		for part := range strings.SplitSeq(strings.NewReplacer("(*", "", ")", "", "[...]", "").Replace(fn), ".") {
			if strings.Contains(line, " "+part+"(") || strings.Contains(line, " "+part+"[") {
				return true
			}
		}
		return false
	}
	return strings.HasPrefix(fn, "init") || strings.HasPrefix(fn, "glob")
}
