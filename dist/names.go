package dist

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// encodeName returns name as one token of a subject, which may also name a stream and its directory: it has only lower-case
// letters, digits, dashes and underscores, and everything else as "=" and two hexadecimal digits for each byte. No two names
// have the same encoding. A name that would be too long for a file system is encoded as its hash.
func encodeName(name string) string {
	if name == "" {
		return "="
	}
	var b strings.Builder
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "=%02x", c)
		}
	}
	if b.Len() > maxEncoded {
		sum := sha256.Sum256([]byte(name))
		return "=h" + hex.EncodeToString(sum[:])
	}
	return b.String()
}

// maxEncoded is the maximum length of an encoded name: file systems allow 255 for the name of a directory.
const maxEncoded = 160

// decodeName undoes encodeName; a hash stays as it is.
func decodeName(token string) string {
	if token == "=" {
		return ""
	}
	if strings.HasPrefix(token, "=h") {
		return token
	}
	var b strings.Builder
	for i := 0; i < len(token); i++ {
		if token[i] == '=' && i+2 < len(token) {
			if c, err := hex.DecodeString(token[i+1 : i+3]); err == nil {
				b.Write(c)
				i += 2
				continue
			}
		}
		b.WriteByte(token[i])
	}
	return b.String()
}
