package place

import (
	"regexp"
	"sync"
)

// line matches a line with the position of a call in a stack, as the runtime and the race detector print it. It is
// compiled on first use, since that takes longer than most of a process's start.
var line = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)^([ \t]+)(\S.*\.(?:go|s)):(\d+)\b`) })

// Text returns text with the positions in its stacks, as the runtime and the race detector print them, shortened by
// [Path].
func Text(text string) string {
	return line().ReplaceAllStringFunc(text, func(l string) string {
		m := line().FindStringSubmatch(l)
		return m[1] + Path(m[2]) + ":" + m[3]
	})
}
