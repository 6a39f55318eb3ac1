package gotest

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/turnstile-go/turnstile/internal/anytest"
)

// reports collects what the test binaries of a command report.
type reports struct {
	mu      sync.Mutex
	name    string // of the file that the test binaries append to
	offset  int64
	partial []byte // the beginning of a line that is not complete yet

	any       bool                        // a test of this run has reported
	running   map[testName]anytest.Report // the last reports of the tests that are being explored
	last      testName                    // the one that reported last
	ended     anytest.Report              // the final report of the test that ended last
	schedules int                         // total number, of the tests that have ended
	results   map[testName]*testResult

	copy *os.File // the file of -report, nil if there is none
	err  error    // the first error of writing it
}

// A testName identifies a test.
type testName struct{ pkg, test string }

// A testResult is the result of a test in all of its explorations.
type testResult struct {
	verdict   anytest.Verdict // the worst
	schedules int
	notes     []string
	refused   []string // the reasons why it was not explored

	failures []anytest.Failure
}

// newReports returns empty reports. They are copied to the file called name unless name is "".
func newReports(name string) (*reports, error) {
	r := &reports{running: make(map[testName]anytest.Report), results: make(map[testName]*testResult)}
	if name == "" {
		return r, nil
	}
	var err error
	r.copy, err = os.Create(name) //nolint:gosec // the user says where
	if err != nil {
		return nil, fmt.Errorf("-report: %w", err)
	}
	return r, nil
}

// close closes the copy.
func (r *reports) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.copy != nil {
		if err := r.copy.Close(); r.err == nil {
			r.err = err
		}
		r.copy = nil
	}
}

// failure closes the copy, and returns an error if it is incomplete.
func (r *reports) failure() error {
	r.close()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return fmt.Errorf("-report: %w", r.err)
	}
	return nil
}

// begin starts reading the file called name, which test binaries will append to.
func (r *reports) begin(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = os.Remove(name) // its contents have been read
	r.name, r.offset, r.partial, r.any = name, 0, nil, false
}

// end reads the rest of the file. The test binaries have ended, so a test that is still running was cut short.
func (r *reports) end() {
	r.read()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, name := range slices.SortedFunc(maps.Keys(r.running), func(a, b testName) int {
		return cmp.Or(cmp.Compare(a.pkg, b.pkg), cmp.Compare(a.test, b.test))
	}) {
		r.note(r.running[name])
	}
	clear(r.running)
}

// read reads what has been appended since the last call.
func (r *reports) read() {
	r.mu.Lock()
	defer r.mu.Unlock()
	file, err := os.Open(r.name)
	if err != nil {
		return // no test has reported yet
	}
	defer file.Close()
	if _, err := file.Seek(r.offset, io.SeekStart); err != nil {
		return
	}
	for in := bufio.NewReader(file); ; {
		line, err := in.ReadBytes('\n')
		r.offset += int64(len(line))
		r.partial = append(r.partial, line...)
		if err != nil {
			return
		}
		r.take(r.partial)
		r.partial = nil
	}
}

// take reads one line.
func (r *reports) take(line []byte) {
	var report anytest.Report
	if json.Unmarshal(line, &report) != nil || report.Test == "" {
		return // something else has written to the file
	}
	r.any = true
	name := testName{report.Package, report.Test}
	if report.Verdict == anytest.Running {
		r.running[name], r.last = report, name
		return
	}
	delete(r.running, name)
	r.note(report)
}

// note adds the final report of a test to its result.
func (r *reports) note(report anytest.Report) {
	name := testName{report.Package, report.Test}
	result := r.results[name]
	if result == nil {
		result = &testResult{verdict: report.Verdict}
		r.results[name] = result
	} else if worse(report.Verdict, result.verdict) {
		result.verdict = report.Verdict
	}
	r.ended = report
	result.schedules += report.Schedules
	for _, n := range report.Notes {
		if !slices.Contains(result.notes, n) {
			result.notes = append(result.notes, n)
		}
	}
	if report.Verdict == anytest.Refused && !slices.Contains(result.refused, report.Reason) {
		result.refused = append(result.refused, report.Reason)
	}
	result.failures = append(result.failures, report.Failures...)
	r.schedules += report.Schedules
	if r.copy != nil && r.err == nil {
		r.err = json.NewEncoder(r.copy).Encode(report)
	}
}

// current returns the last report of the test that is being explored, or of the one that reported last if there are several.
// It also returns the number of tests that have ended and of their schedules.
func (r *reports) current() (running anytest.Report, ended, schedules int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	running, ok := r.running[r.last]
	if !ok {
		for _, running = range r.running {
			break
		}
	}
	return running, len(r.results), r.schedules
}

// begun reports whether a test of this run has reported.
func (r *reports) begun() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.any
}

// verdicts are the verdicts from the best to the worst.
var verdicts = []anytest.Verdict{anytest.Skipped, anytest.Exhausted, anytest.Replayed, anytest.Budget, anytest.Refused, anytest.Running, anytest.Failed}

// worse reports whether a is a worse verdict than b.
func worse(a, b anytest.Verdict) bool {
	for _, v := range verdicts {
		if v == a || v == b {
			return v == b && a != b
		}
	}
	return false
}

// seen returns the number of tests that have reported.
func (r *reports) seen() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.results)
}

// unexplored returns the number of tests that were not explored.
func (r *reports) unexplored() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, result := range r.results {
		if len(result.refused) > 0 {
			n++
		}
	}
	return n
}

// notes returns the notes on tests that did not fail, and the tests that were not explored, as sorted lines.
func (r *reports) notes() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var lines []string
	for name, result := range r.results {
		for _, n := range result.notes {
			lines = append(lines, fmt.Sprintf("note: %s, %s: %s", name.test, name.pkg, n))
		}
		for _, why := range result.refused {
			lines = append(lines, fmt.Sprintf("not explored: %s, %s: %s", name.test, name.pkg, why))
		}
	}
	slices.Sort(lines)
	return lines
}

// summary returns a line that counts the verdicts, or "" if no test has reported.
func (r *reports) summary(took time.Duration) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.results) == 0 {
		return ""
	}
	counts := make(map[anytest.Verdict]int)
	for _, result := range r.results {
		counts[result.verdict]++
	}
	var parts []string
	for _, v := range verdicts {
		n, word := counts[v], string(v)
		switch v { //nolint:exhaustive // the others are printed as they are
		case anytest.Running: // the process has ended
			word = "cut short"
		case anytest.Refused:
			word = "not explored"
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, word))
		}
	}
	parts = append(parts, counted(r.schedules, "schedule"))
	return fmt.Sprintf("%s: %s in %.1fs", counted(len(r.results), "test"), strings.Join(parts, ", "), took.Seconds())
}

// counted returns n and the noun thing, which it makes plural unless n is 1.
func counted(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return grouped(n) + " " + thing
}

// grouped returns n, which must not be negative, with commas between groups of three digits.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
