package timeline

import (
	"math"
	"time"

	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A State must cope with anything that a file may contain. Apply never panics, never allocates a size taken from an
// event, and keeps the State and its texts in proportion to the events: numbers saturate instead of overflowing, and
// texts are truncated.

const (
	// maxName is the maximum number of bytes kept of a name or a position, which many events repeat.
	maxName = 256
	// maxText is the maximum number of bytes kept of any other text.
	maxText = safetext.MaxLine
	// maxSource is the maximum number of bytes kept of the source around a position.
	maxSource = 16 << 10
	// maxListed is the maximum number of things listed in a sentence.
	maxListed = 16
	// maxListWidth is the length of names in bytes after which a list in a sentence of the log names no more of them: a
	// sentence has to fit on a small terminal.
	maxListWidth = 48
)

// longest returns the maximum number of bytes kept of the text of an event of kind k.
func longest(k trace.Kind) int {
	if k == trace.KindDefinePC {
		return maxSource
	}
	return maxText
}

// count returns n as a count: neither negative nor beyond the range of int.
func count(n int64) int { return int(min(max(n, 0), math.MaxInt)) }

// plus returns a + b for non-negative a and b, or the largest number if that overflows.
func plus[T int | int64 | time.Duration](a, b T) T {
	if sum := a + b; sum >= a {
		return sum
	}
	most := uint64(math.MaxInt64)
	if T(most) < 0 { // a 32-bit int
		most = math.MaxInt32
	}
	return T(most)
}
