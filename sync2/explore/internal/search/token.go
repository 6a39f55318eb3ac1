package search

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"unicode"
)

// The prefixes begin every token; the digit is the version.
const (
	TokenPrefix = "s2x2" // of a program that was explored
	TestPrefix  = "s2y1" // of a test of ordinary Go
)

// A Token describes a schedule, so that it can be replayed: the name of the program, the options that matter, and the
// deviations from the default. It is encoded as varints in base64, followed by a checksum.
type Token struct {
	Name       string // of the program, or of the test
	Package    string // the import path of the test; "": it is of a program
	Sources    []byte // hashes of the source files of the test, two bytes for each
	First      bool   // the run was the first of its process
	Race       bool   // the race detector was on
	Anytime    bool
	Endless    bool  // of a livelock
	Amid       bool  // of tasks that wait forever though others can go on
	Walk       *Walk // after the last deviation the schedule is that of a random walk; nil: it is not
	Steps      int
	Hash       uint32 // of the steps
	Deviations []Deviation
	Samples    []byte // of the hash, taken at regular numbers of steps; see marks
	Whole      bool   // it is complete
}

// maxSamples is the maximum number of samples of the hash in a token.
const maxSamples = 24

// Stride returns the number of steps between two samples of a token with the given number of steps.
func Stride(steps int) int { return (steps + maxSamples - 1) / maxSamples }

// errToken is matched by every error of ParseToken.
var errToken = errors.New("not a token")

// String returns the token as text.
func (t Token) String() string {
	prefix := TokenPrefix
	b := binary.AppendUvarint(nil, uint64(len(t.Name)))
	b = append(b, t.Name...)
	if t.Package != "" {
		prefix = TestPrefix
		b = binary.AppendUvarint(b, uint64(len(t.Package)))
		b = append(b, t.Package...)
		b = binary.AppendUvarint(b, uint64(len(t.Sources)))
		b = append(b, t.Sources...)
	}
	flags := byte(0)
	if t.Anytime {
		flags |= 1
	}
	if t.Endless {
		flags |= 2
	}
	if t.Walk != nil {
		flags |= 4
	}
	if t.First {
		flags |= 8
	}
	if t.Race {
		flags |= 16
	}
	if t.Amid {
		flags |= 32
	}
	if t.Walk != nil && t.Walk.Depth > 0 {
		flags |= 64
	}
	b = append(b, flags)
	b = binary.AppendUvarint(b, uint64(t.Steps))
	b = binary.BigEndian.AppendUint32(b, t.Hash)
	if t.Walk != nil {
		b = binary.BigEndian.AppendUint64(b, t.Walk.Seed)
		b = binary.BigEndian.AppendUint64(b, t.Walk.Run)
		if t.Walk.Depth > 0 {
			b = binary.AppendUvarint(b, uint64(t.Walk.Depth))
			b = binary.AppendUvarint(b, uint64(t.Walk.Unfair))
			b = binary.AppendUvarint(b, uint64(t.Walk.Length))
		}
	}
	b = binary.AppendUvarint(b, uint64(len(t.Deviations)))
	last := 0
	for _, d := range t.Deviations {
		b = binary.AppendUvarint(b, uint64(d.Step-last))
		b = binary.AppendUvarint(b, uint64(d.Pick))
		last = d.Step
	}
	b = append(b, t.Samples...)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	return prefix + base64.RawURLEncoding.EncodeToString(b)
}

// ParseToken parses a token. If it was cut off, ParseToken returns the deviations that are there.
func ParseToken(s string) (Token, error) {
	s = strings.TrimSpace(s)
	if len(s) > maxToken {
		return Token{}, fmt.Errorf("%w: it has more than %d bytes", errToken, maxToken)
	}
	rest, ofTest, err := cutPrefix(s)
	if err != nil {
		return Token{}, err
	}
	if len(rest)%4 == 1 {
		rest = rest[:len(rest)-1] // cut off within a byte
	}
	b, err := base64.RawURLEncoding.DecodeString(rest)
	if err != nil {
		return Token{}, fmt.Errorf("%w: %w", errToken, err)
	}
	r := reader{b: b}
	t := Token{Name: string(r.bytes(r.uvarint()))}
	if ofTest {
		t.Package = string(r.bytes(r.uvarint()))
		t.Sources = r.bytes(r.uvarint())
	}
	if t.Name != TokenName(t.Name) || t.Package != TokenName(t.Package) {
		return Token{}, fmt.Errorf("%w: the name of its program cannot be printed, or is too long", errToken)
	}
	known := byte(7 | 64)
	if ofTest {
		known = 127
	}
	flags := r.byte()
	if flags > known {
		return Token{}, fmt.Errorf("%w of this version: its flags are %#x", errToken, flags)
	}
	t.Anytime, t.Endless, t.First, t.Race = flags&1 != 0, flags&2 != 0, flags&8 != 0, flags&16 != 0
	t.Amid = flags&32 != 0
	t.Steps = int(r.uvarint())
	t.Hash = binary.BigEndian.Uint32(append(r.bytes(4), 0, 0, 0, 0))
	if flags&4 != 0 {
		t.Walk = &Walk{Seed: r.uint64(), Run: r.uint64()}
	}
	if flags&64 != 0 {
		if t.Walk == nil {
			return Token{}, fmt.Errorf("%w: its flags are %#x", errToken, flags)
		}
		t.Walk.Depth, t.Walk.Unfair, t.Walk.Length = int(r.uvarint()), int(r.uvarint()), int(r.uvarint())
		if d := t.Walk.Depth; !r.short && (d < 1 || d > maxDepth) {
			return Token{}, fmt.Errorf("%w: the depth of its PCT is %d", errToken, d)
		}
	}
	n, step := r.uvarint(), 0
	if r.short {
		return Token{}, fmt.Errorf("%w: too much of it is missing", errToken)
	}
	for range n {
		gap, pick := r.uvarint(), r.uvarint()
		if r.short {
			return t, nil
		}
		if step += int(gap); step > maxCount {
			return t, nil
		}
		t.Deviations = append(t.Deviations, Deviation{step, int(pick)})
	}
	if every := Stride(t.Steps); every > 0 {
		t.Samples = r.bytes(uint64(t.Steps / every))
	}
	body := len(b) - len(r.b)
	sum := r.bytes(4)
	if r.short {
		return t, nil
	}
	if binary.BigEndian.Uint32(sum) != crc32.ChecksumIEEE(b[:body]) || len(r.b) > 0 {
		return Token{}, fmt.Errorf("%w: it has been changed, its checksum is wrong", errToken)
	}
	t.Whole = true
	return t, nil
}

// cutPrefix returns the part after the prefix of a token, and reports whether the token is that of a test.
func cutPrefix(s string) (rest string, ofTest bool, err error) {
	for _, prefix := range []string{TokenPrefix, TestPrefix} {
		if rest, ok := strings.CutPrefix(s, prefix); ok {
			return rest, prefix == TestPrefix, nil
		}
		if strings.HasPrefix(s, prefix[:3]) {
			return "", false, fmt.Errorf("%w of this version: it begins with %q, not %q", errToken, s[:min(4, len(s))], prefix)
		}
	}
	return "", false, fmt.Errorf("%w: it does not begin with %q or %q", errToken, TokenPrefix, TestPrefix)
}

// A reader decodes a token. If it reaches the end too early it is short, and returns zeros.
type reader struct {
	b     []byte
	short bool
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || v > maxCount {
		r.short, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) bytes(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.short, r.b = true, nil
		return nil
	}
	v := r.b[:n:n]
	r.b = r.b[n:]
	return v
}

func (r *reader) uint64() uint64 {
	return binary.BigEndian.Uint64(append(r.bytes(8), make([]byte, 8)...))
}

func (r *reader) byte() byte {
	if b := r.bytes(1); len(b) == 1 {
		return b[0]
	}
	return 0
}

// Digest returns a hash of the steps of a run, and samples of its lowest byte, one after each stretch of every
// steps.
func (v *View) Digest(every int) (hash uint32, samples []byte) {
	const offset, prime = 2166136261, 16777619 // FNV-1a
	h := uint32(offset)
	add := func(b byte) { h = (h ^ uint32(b)) * prime }
	for i := range v.Steps {
		s := &v.Steps[i]
		for _, n := range [...]int32{s.Task, s.Alt, s.Obj} {
			add(byte(n))
			add(byte(n >> 8))
		}
		for _, c := range []byte(v.VerbName(s.Verb)) {
			add(c)
		}
		if every > 0 && (i+1)%every == 0 {
			samples = append(samples, byte(h))
		}
	}
	return h, samples
}

// Divergence describes where a replay of t diverged from the run for which t was made, "" if it did not.
func (t *Token) Divergence(v *View) string {
	every := Stride(t.Steps)
	hash, samples := v.Digest(every)
	if !t.Whole || hash == t.Hash && len(v.Steps) == t.Steps {
		return ""
	}
	same := 0
	for same < min(len(samples), len(t.Samples)) && samples[same] == t.Samples[same] {
		same++
	}
	at := same * every // the first step that may differ
	if at >= len(v.Steps) {
		return fmt.Sprintf("it ended after step %d of %d", len(v.Steps), t.Steps)
	}
	if at >= t.Steps {
		return fmt.Sprintf("it went on after step %d", t.Steps)
	}
	where := fmt.Sprintf("at step %d", at+1)
	if every > 1 {
		where = fmt.Sprintf("between steps %d and %d", at+1, at+every)
	}
	s := &v.Steps[at]
	return fmt.Sprintf("%s, where %s now does %s", where, v.TaskName(s.Task), v.VerbName(s.Verb))
}

// MaxName is the maximum length of a program's name in a token, and maxToken that of a token, in bytes. maxCount is
// the largest number of a step or an alternative in a token, such that the sum of two is an int on every platform.
// maxDepth is the maximum depth of PCT.
const (
	MaxName  = 1000
	maxDepth = 1 << 16
	maxToken = 4 << 20
	maxCount = 1<<30 - 1
)

// TokenName returns the name of a program in tokens: unprintable characters are replaced, and a long name is
// truncated.
func TokenName(name string) string {
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(name, "?"))
	if len(name) > MaxName {
		name = strings.ToValidUTF8(name[:MaxName], "")
	}
	return name
}
