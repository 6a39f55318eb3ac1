package cells

import (
	"strings"
	"testing"
)

// Frames and signs are drawn without fonts.
func TestShapesAreComplete(t *testing.T) {
	for ch := range asciiFor {
		if r := []rune(ch)[0]; r < 0x2500 || r > 0x27ff || ch == "▓" {
			continue // a letter or punctuation, or unused
		}
		sh, ok := shapes[ch]
		if !ok {
			t.Errorf("there is no shape for %s", ch)
		}
		for _, part := range sh.parts {
			if !strings.HasPrefix(part.path, "m") {
				t.Errorf("%s: the path %q does not begin at its cell", ch, part.path)
			}
			if rest := strings.Trim(strings.ReplaceAll(part.path, "W", "9"), "mhvlqaz-. 0123456789"); rest != "" {
				t.Errorf("%s: the path %q is not relative", ch, part.path)
			}
		}
	}
}
