package explore

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"unicode"
)

// tokenPrefix begins every token; the digit is the version.
const tokenPrefix = "s2x2"

// A token tells an order, so that it can be replayed: the name of the program, what of the options matters, and where
// the order goes on with another task than by default. It is written as varints in base64, with a checksum behind.
type token struct {
	name       string
	anytime    bool
	endless    bool  // of a livelock
	walk       *walk // the order is that of a random walk, and there are no deviations; nil: it is not
	steps      int
	hash       uint32 // of the steps
	deviations []deviation
	samples    []byte // of the hash, after every so many steps; see marks
	whole      bool   // nothing of it is missing
}

// maxSamples is how many samples of the hash a token has at most.
const maxSamples = 24

// stride returns how many steps lie between two samples of a token of so many steps.
func stride(steps int) int { return (steps + maxSamples - 1) / maxSamples }

// errToken is matched by every error of a token that cannot be read.
var errToken = errors.New("not a token")

// String returns the token as text.
func (t token) String() string {
	b := binary.AppendUvarint(nil, uint64(len(t.name)))
	b = append(b, t.name...)
	flags := byte(0)
	if t.anytime {
		flags |= 1
	}
	if t.endless {
		flags |= 2
	}
	if t.walk != nil {
		flags |= 4
	}
	b = append(b, flags)
	b = binary.AppendUvarint(b, uint64(t.steps))
	b = binary.BigEndian.AppendUint32(b, t.hash)
	if t.walk != nil {
		b = binary.BigEndian.AppendUint64(b, t.walk.seed)
		b = binary.BigEndian.AppendUint64(b, t.walk.run)
	}
	b = binary.AppendUvarint(b, uint64(len(t.deviations)))
	last := 0
	for _, d := range t.deviations {
		b = binary.AppendUvarint(b, uint64(d.step-last))
		b = binary.AppendUvarint(b, uint64(d.pick))
		last = d.step
	}
	b = append(b, t.samples...)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	return tokenPrefix + base64.RawURLEncoding.EncodeToString(b)
}

// parseToken reads a token. Of one that was cut off it reads as many deviations as there are.
func parseToken(s string) (token, error) {
	s = strings.TrimSpace(s)
	if len(s) > maxToken {
		return token{}, fmt.Errorf("%w: it has more than %d bytes", errToken, maxToken)
	}
	rest, ok := strings.CutPrefix(s, tokenPrefix)
	if !ok {
		if strings.HasPrefix(s, tokenPrefix[:3]) {
			return token{}, fmt.Errorf("%w of this version: it begins with %q, not %q", errToken, s[:min(4, len(s))], tokenPrefix)
		}
		return token{}, fmt.Errorf("%w: it does not begin with %q", errToken, tokenPrefix)
	}
	if len(rest)%4 == 1 {
		rest = rest[:len(rest)-1] // cut off within a byte
	}
	b, err := base64.RawURLEncoding.DecodeString(rest)
	if err != nil {
		return token{}, fmt.Errorf("%w: %w", errToken, err)
	}
	r := reader{b: b}
	t := token{name: string(r.bytes(r.uvarint()))}
	if t.name != tokenName(t.name) {
		return token{}, fmt.Errorf("%w: the name of its program cannot be printed, or is too long", errToken)
	}
	flags := r.byte()
	if flags > 7 {
		return token{}, fmt.Errorf("%w of this version: its flags are %#x", errToken, flags)
	}
	t.anytime, t.endless = flags&1 != 0, flags&2 != 0
	t.steps = int(r.uvarint())
	t.hash = binary.BigEndian.Uint32(append(r.bytes(4), 0, 0, 0, 0))
	if flags&4 != 0 {
		t.walk = &walk{r.uint64(), r.uint64()}
	}
	n, step := r.uvarint(), 0
	if r.short {
		return token{}, fmt.Errorf("%w: too much of it is missing", errToken)
	}
	for range n {
		gap, pick := r.uvarint(), r.uvarint()
		if r.short {
			return t, nil
		}
		step += int(gap)
		t.deviations = append(t.deviations, deviation{step, int(pick)})
	}
	if every := stride(t.steps); every > 0 {
		t.samples = r.bytes(uint64(t.steps / every))
	}
	body := len(b) - len(r.b)
	sum := r.bytes(4)
	if r.short {
		return t, nil
	}
	if binary.BigEndian.Uint32(sum) != crc32.ChecksumIEEE(b[:body]) || len(r.b) > 0 {
		return token{}, fmt.Errorf("%w: it has been changed, its checksum is wrong", errToken)
	}
	t.whole = true
	return t, nil
}

// TokenProgram returns the name of the program that a token is of. It contains nothing that cannot be printed.
func TokenProgram(s string) (string, error) {
	t, err := parseToken(s)
	if err != nil {
		return "", fmt.Errorf("explore: %w", err)
	}
	return t.name, nil
}

// A reader takes a token apart. When it comes to the end too early it is short, and gives zeros.
type reader struct {
	b     []byte
	short bool
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || v > 1<<31 {
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

// digest returns a hash that tells the steps of a run from those of another, and what its lowest byte was after every
// so many of them.
func (x *execution) digest(every int) (hash uint32, samples []byte) {
	const offset, prime = 2166136261, 16777619 // FNV-1a
	h := uint32(offset)
	add := func(b byte) { h = (h ^ uint32(b)) * prime }
	for i := range x.steps {
		s := &x.steps[i]
		for _, n := range [...]int32{s.task, s.alt, s.obj} {
			add(byte(n))
			add(byte(n >> 8))
		}
		for _, c := range []byte(x.verbs.name(s.verb)) {
			add(c)
		}
		if every > 0 && (i+1)%every == 0 {
			samples = append(samples, byte(h))
		}
	}
	return h, samples
}

// divergence says where a replay of t did something else than when t was made, "" if it did the same.
func (t *token) divergence(x *execution) string {
	every := stride(t.steps)
	hash, samples := x.digest(every)
	if !t.whole || hash == t.hash && len(x.steps) == t.steps {
		return ""
	}
	same := 0
	for same < min(len(samples), len(t.samples)) && samples[same] == t.samples[same] {
		same++
	}
	at := same * every // the first step that may differ
	if at >= len(x.steps) {
		return fmt.Sprintf("it ended after step %d of %d", len(x.steps), t.steps)
	}
	if at >= t.steps {
		return fmt.Sprintf("it went on after step %d", t.steps)
	}
	where := fmt.Sprintf("at step %d", at+1)
	if every > 1 {
		where = fmt.Sprintf("between steps %d and %d", at+1, at+every)
	}
	s := &x.steps[at]
	return fmt.Sprintf("%s, where %s now does %s", where, x.tasks[s.task].name, x.verbs.name(s.verb))
}

// replayStage returns the only stage of an exploration that replays a token.
func replayStage(o *options, name string) (stage, error) {
	t, err := parseToken(o.token)
	switch {
	case err != nil:
		return stage{}, err
	case t.name != tokenName(name):
		return stage{}, fmt.Errorf("it is of the program %q, and this is %q", t.name, tokenName(name))
	case t.endless && t.steps > o.maxSteps:
		return stage{}, fmt.Errorf("it is of a run of %d operations, and a run may have %d; see Steps", t.steps, o.maxSteps)
	}
	o.anytime = t.anytime
	if t.endless && t.steps > 0 {
		o.maxSteps = t.steps
	}
	return stage{"replay", func(*options) strategy {
		r := &replay{deviations: t.deviations, endless: t.endless, token: t}
		if t.walk != nil {
			r.walk = t.walk.again()
		}
		return r
	}, 1}, nil
}

// maxName is how long the name of a program may be in a token, and maxToken a token, in bytes.
const (
	maxName  = 1000
	maxToken = 4 << 20
)

// tokenName returns the name that a program has in tokens: what cannot be printed is replaced, and the end of what is too
// long is left out.
func tokenName(name string) string {
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(name, "?"))
	if len(name) > maxName {
		name = strings.ToValidUTF8(name[:maxName], "")
	}
	return name
}
