package goroot

import (
	"go/version"
	"slices"
	"strings"
)

// languages are the versions of Go for which there are patches. All of their releases are supported whose source has
// the lines that the patches look for.
var languages = []string{"go1.26", "go1.27"}

// An UnknownError reports that there is no private GOROOT for a version of Go.
type UnknownError struct {
	Version string // such as "go1.28.0"
	Reason  string
}

func (e *UnknownError) Error() string {
	return "turnstile does not know " + e.Version + " yet: " + e.Reason
}

// known returns an error unless there are patches for the given version of Go.
func known(v string) error {
	if slices.Contains(languages, languageOf(v)) {
		return nil
	}
	return &UnknownError{v, "it knows " + strings.Join(languages[:len(languages)-1], ", ") + " and " + languages[len(languages)-1]}
}

// languageOf returns the version of the language of a version of Go, such as "go1.27" of "go1.27.4 X:nodwarf5".
func languageOf(v string) string {
	name, _, _ := strings.Cut(v, " ")
	return version.Lang(name)
}
