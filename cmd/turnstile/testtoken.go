package main

import (
	"errors"
	"strings"
)

// tokenPrefix is what the tokens of tests begin with.
const tokenPrefix = "s2y"

// tokenTest returns the package and the test that a token names.
func tokenTest(token string) (pkg, test string, err error) {
	rest, ok := strings.CutPrefix(token, tokenPrefix)
	if !ok {
		return "", "", errors.New("not a token of turnstile test")
	}
	parts := strings.Split(rest, ":")
	if len(parts) != 3 {
		return "", "", errors.New("bad token")
	}
	return parts[1], parts[2], nil
}
