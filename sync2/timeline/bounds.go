package timeline

import (
	"math"
	"time"

	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

// A State is told anything that a file may hold. Whatever that is, Apply does not panic, it allocates nothing whose size is
// a number in an event, and what the State keeps and says stays in proportion to the events: numbers stop at the largest
// there is rather than to become negative, and texts are cut.

const (
	// maxName is how many bytes of a name or a position are kept. Each is said again in many events.
	maxName = 256
	// maxText is how many bytes of any other text are kept.
	maxText = safetext.MaxLine
	// maxSource is how many bytes of the source around a position are kept.
	maxSource = 16 << 10
	// maxListed is how many things are named in a sentence at most.
	maxListed = 16
)

// longest returns how many bytes of the text of an event of kind k are kept.
func longest(k trace.Kind) int {
	if k == trace.KindDefinePC {
		return maxSource
	}
	return maxText
}

// count returns n as a count: not negative, and as large as an int can be.
func count(n int64) int { return int(min(max(n, 0), math.MaxInt)) }

// plus returns a + b, neither of which is negative, or the largest number if that is larger.
func plus[T int | int64 | time.Duration](a, b T) T {
	if sum := a + b; sum >= a {
		return sum
	}
	most := uint64(math.MaxInt64)
	if T(most) < 0 { // an int of 32 bits
		most = math.MaxInt32
	}
	return T(most)
}
