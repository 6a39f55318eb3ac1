package suite

import (
	"encoding/xml"
	"fmt"
	"io"
)

// The elements of JUnit XML that are used: a suite is a scenario, a case a checker.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Skipped  int          `xml:"skipped,attr"`
		Time     seconds      `xml:"time,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Time     seconds     `xml:"time,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		Time    seconds       `xml:"time,attr"`
		Skipped *junitMessage `xml:"skipped"`
		Failure *junitMessage `xml:"failure"`
		Out     string        `xml:"system-out,omitempty"`
	}
	junitMessage struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// seconds are written without an exponent.
type seconds float64

// MarshalText returns the seconds to the millisecond.
func (s seconds) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%.3f", float64(s)), nil }

// WriteJUnit writes rows as JUnit XML: a test suite for each scenario, and in it a test case for each checker. A checker
// that does not apply is skipped, and an unexpected outcome is a failure.
func WriteJUnit(w io.Writer, rows []Row) error {
	all := junitSuites{Name: "turnstile suite"}
	for i := range rows {
		s := junitSuite{Name: rows[i].Scenario}
		for _, c := range rows[i].Cells {
			s.add(&rows[i], c)
		}
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Skipped += s.Skipped
		all.Time += s.Time
		all.Suites = append(all.Suites, s)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err // it names the part that failed
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return fmt.Errorf("suite: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err // as above
}

// add adds the case of a cell.
func (s *junitSuite) add(row *Row, c Cell) {
	tc := junitCase{Name: c.Checker.String(), Class: "scenarios." + row.Scenario, Time: seconds(c.Seconds)}
	switch c.Outcome {
	case OutcomeNotApplicable:
		tc.Skipped = &junitMessage{Message: c.Detail}
		s.Skipped++
	case OutcomeUnexpected, OutcomeNone:
		tc.Failure = &junitMessage{Message: c.Detail, Text: c.Report}
		s.Failures++
	default:
		tc.Out = fmt.Sprintf("%s, of a scenario that is %s: %s", c.Outcome, row.Expect, c.Detail)
		if c.Token != "" {
			tc.Out += "\nturnstile replay " + c.Token
		}
	}
	s.Tests++
	s.Time += tc.Time
	s.Cases = append(s.Cases, tc)
}
