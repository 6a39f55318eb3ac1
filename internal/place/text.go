package place

import (
	"regexp"
	"sync"
)

// line matches a line of a stack as the runtime and the race detector print it that says where a call is.
// It is compiled when it is needed: that takes longer than much else that a process begins with.
var line = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)^([ \t]+)(\S.*\.(?:go|s)):(\d+)\b`) })

// Text returns text with the places in the stacks that it contains, as the runtime and the race detector print them, as
// [Path] returns them.
func Text(text string) string {
	return line().ReplaceAllStringFunc(text, func(l string) string {
		m := line().FindStringSubmatch(l)
		return m[1] + Path(m[2]) + ":" + m[3]
	})
}
