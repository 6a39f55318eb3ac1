package main

import (
	"strings"

	"github.com/turnstile-go/turnstile/sync2/explore"
)

// A testToken is what a token of a test says of it.
type testToken struct {
	pkg, test string
	race      bool // the test ran under the race detector
}

// isTestToken reports whether token is of a test, rather than of a scenario or of a program given to explore.Test.
func isTestToken(token string) bool { return strings.HasPrefix(strings.TrimSpace(token), "s2y") }

// readTestToken returns what a token of a test says.
func readTestToken(token string) (*testToken, error) {
	pkg, test, race, err := explore.TokenTest(token)
	if err != nil {
		return nil, err // it says what is wrong
	}
	return &testToken{pkg, test, race}, nil
}
