package dist

import "strings"

// title returns the title of a key: its kind and name.
func title(key string) string {
	kind, name, _ := strings.Cut(key, ".")
	return kind + " " + decodeName(name)
}
