// Package github writes annotations for GitHub Actions.
package github

import (
	"fmt"
	"io"
	"strings"

	"github.com/turnstile-go/turnstile/internal/safetext"
	"github.com/turnstile-go/turnstile/sync2/explore"
)

var (
	workflowData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	workflowProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// Annotate writes an error as a workflow command of GitHub Actions, which shows it next to the line of code. Where is the
// place, such as "bank.go:12", or "".
func Annotate(w io.Writer, where, title, message string) error {
	var properties []string
	if i := strings.LastIndexByte(where, ':'); i > 0 {
		properties = append(properties, "file="+workflowProperty.Replace(safetext.Line(where[:i])), "line="+workflowProperty.Replace(safetext.Line(where[i+1:])))
	}
	properties = append(properties, "title="+workflowProperty.Replace(safetext.Line(title)))
	_, err := fmt.Fprintf(w, "::error %s::%s\n", strings.Join(properties, ","), workflowData.Replace(safetext.Lines(strings.TrimSpace(message))))
	return err // it names what could not be written
}

// Text returns the text of an annotation for a failure.
func Text(f *explore.Failure) string {
	lines := append([]string{f.Error()}, f.Blocked...)
	for _, c := range f.Cycle {
		lines = append(lines, "cycle: "+c)
	}
	if f.Token != "" {
		lines = append(lines, "turnstile replay "+f.Token)
	}
	return strings.Join(lines, "\n")
}
