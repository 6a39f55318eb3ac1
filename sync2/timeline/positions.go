package timeline

import (
	"maps"
	"strconv"
	"strings"

	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A Source is an excerpt of a source file. It has no lines if they are not known.
type Source struct {
	File    string   // the path of the file, "" if it is not known
	Changed bool     // the file has changed since the recording, so these may be other lines
	First   int      // the number of the first line
	At      int      // the number of the line of the position
	Lines   []string // without line feeds
}

// positions are the positions in the program that a trace has defined.
type positions struct {
	copied  bool // shared with another State: the maps are copied before something is added
	sites   map[uint64]string
	sources map[uint64]Source
	sourced bool // some sources have lines
}

// clone returns a copy that shares the maps.
func (p *positions) clone() positions {
	p.copied = true
	return *p
}

// Site returns the position of pc as text, "file.go:12 pkg.Func", or "" if it is not known.
func (s *State) Site(pc uint64) string { return s.sites[pc] }

// SourceAt returns the source lines around position pc. The result has no lines if the recording does not contain them,
// and is the zero Source if nothing is known.
func (s *State) SourceAt(pc uint64) Source { return s.sources[pc] }

// HasSource reports whether source lines are known for any position.
func (s *State) HasSource() bool { return s.sourced }

// define defines a position, and keeps the source around it if given.
func (p *positions) define(ev *trace.Event) {
	switch {
	case p.sites == nil:
		p.sites, p.sources = make(map[uint64]string), make(map[uint64]Source)
	case p.copied:
		p.sites, p.sources = maps.Clone(p.sites), maps.Clone(p.sources)
	}
	p.copied = false
	site, source, _ := strings.Cut(ev.Text, "\n")
	p.sites[ev.PC] = safetext.Cut(site, maxName)
	delete(p.sources, ev.PC)
	if source == "" {
		return
	}
	place, _, _ := strings.Cut(site, " ")
	at, err := strconv.Atoi(place[strings.LastIndexByte(place, ':')+1:])
	if err != nil {
		return
	}
	if ev.N == 0 {
		p.sources[ev.PC] = Source{File: safetext.Cut(source, maxName), At: at}
		return
	}
	src := Source{First: max(1, count(ev.N)), At: at, Lines: strings.Split(source, "\n"), Changed: ev.Peer == 1}
	if at >= src.First && at-src.First < len(src.Lines) {
		p.sources[ev.PC], p.sourced = src, true
	}
}
