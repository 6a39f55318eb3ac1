package dist

import "strings"

// title returns what a key is called: its kind and name.
func title(key string) string {
	kind, name, _ := strings.Cut(key, ".")
	return kind + " " + decodeName(name)
}
