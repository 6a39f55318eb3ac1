package gotest

import (
	"strings"

	"github.com/turnstile-go/turnstile/sync2/explore"
)

// A Token names the test of a token.
type Token struct {
	Package, Test string
	Race          bool // the test ran under the race detector
}

// IsToken reports whether token is a token of a test, rather than of a scenario or of a program given to explore.Test.
func IsToken(token string) bool { return strings.HasPrefix(strings.TrimSpace(token), "s2y") }

// ReadToken parses a token of a test.
func ReadToken(token string) (*Token, error) {
	pkg, test, race, err := explore.TokenTest(token)
	if err != nil {
		return nil, err // it says what is wrong
	}
	return &Token{pkg, test, race}, nil
}
