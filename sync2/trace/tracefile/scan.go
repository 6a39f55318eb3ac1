package tracefile

import (
	"bytes"
	"unicode/utf8"

	"github.com/turnstile-go/turnstile/sync2/trace"
)

// scan decodes into ev a line that looks as Write writes it, several times as fast as encoding/json would. It reports
// false for any other line, which need not be an event at all.
func (r *Reader) scan(line []byte, ev *trace.Event) bool {
	s := scanner{rest: line}
	if !s.skip('{') {
		return false
	}
	for {
		key, ok := s.text()
		if !ok || !s.skip(':') {
			return false
		}
		switch string(key) {
		case "seq":
			ev.Seq, ok = s.unsigned()
		case "t":
			ev.Time, ok = s.signed()
		case "g":
			ev.G, ok = s.signed()
		case "obj":
			var id uint64
			id, ok = s.unsigned()
			ev.Obj = trace.ID(id)
		case "peer":
			ev.Peer, ok = s.signed()
		case "n":
			ev.N, ok = s.signed()
		case "pc":
			ev.PC, ok = s.unsigned()
		case "kind":
			if key, ok = s.text(); ok {
				ok = ev.Kind.UnmarshalText(key) == nil
			}
		case "class":
			if key, ok = s.text(); ok {
				ok = ev.Class.UnmarshalText(key) == nil
			}
		case "inner":
			ev.Inner, ok = true, s.word("true")
		case "text":
			if key, ok = s.text(); ok {
				ev.Text = r.intern(key)
			}
		default:
			return false
		}
		switch {
		case !ok:
			return false
		case s.skip('}'):
			return len(s.rest) == 0 || len(s.rest) == 1 && s.rest[0] == '\r'
		case !s.skip(','):
			return false
		}
	}
}

// Texts repeat, so a limited number of short ones is kept.
const (
	maxInterned = 1 << 12
	maxShort    = 64 // bytes
)

// intern returns b as a string, the same one for the same short text.
func (r *Reader) intern(b []byte) string {
	if s, ok := r.texts[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(b) <= maxShort && len(r.texts) < maxInterned {
		if r.texts == nil {
			r.texts = make(map[string]string)
		}
		r.texts[s] = s
	}
	return s
}

// A scanner reads the parts of a line.
type scanner struct{ rest []byte }

// skip passes over c, and reports whether it came next.
func (s *scanner) skip(c byte) bool {
	if len(s.rest) == 0 || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

// word passes over w, and reports whether it came next.
func (s *scanner) word(w string) bool {
	rest, ok := bytes.CutPrefix(s.rest, []byte(w))
	s.rest = rest
	return ok
}

// text reads a string in which nothing is escaped.
func (s *scanner) text() ([]byte, bool) {
	if !s.skip('"') {
		return nil, false
	}
	ascii := true
	for i, c := range s.rest {
		switch {
		case c == '"':
			text := s.rest[:i]
			s.rest = s.rest[i+1:]
			return text, ascii || utf8.Valid(text)
		case c == '\\' || c < ' ':
			return nil, false
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return nil, false
}

// unsigned reads a number.
func (s *scanner) unsigned() (uint64, bool) {
	n, i := uint64(0), 0
	for ; i < len(s.rest) && s.rest[i] >= '0' && s.rest[i] <= '9'; i++ {
		n = n*10 + uint64(s.rest[i]-'0')
	}
	if i == 0 || i > 1 && s.rest[0] == '0' || i > 18 { // with 18 digits it cannot overflow
		return 0, false
	}
	s.rest = s.rest[i:]
	return n, true
}

// signed reads a number that may be negative.
func (s *scanner) signed() (int64, bool) {
	negative := s.skip('-')
	u, ok := s.unsigned()
	n := int64(u)
	if negative {
		n = -n
	}
	return n, ok
}
