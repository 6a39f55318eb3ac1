package main

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

// testReports are what the test binaries of a command report.
type testReports struct {
	mu      sync.Mutex
	name    string // of the file that is read
	offset  int64
	partial []byte // a line that has not come to its end

	running map[testName]anytest.Report // of the tests that are being explored
	last    testName                    // of the last report of these
	ended   anytest.Report              // the last of a test that has ended
	orders  int                         // in all, by the tests that have ended
	results map[testName]*testResult

	copy *os.File // where the user wants them, nil if nowhere
	err  error    // why they cannot be written there
}

// A testName says which test is meant.
type testName struct{ pkg, test string }

// A testResult is the result of a test in all of its explorations.
type testResult struct {
	verdict anytest.Verdict // the worst
	orders  int
	notes   []string
	refused []string // why it was not explored

	failures []anytest.Failure
}

// newTestReports returns the reports of a command, to be copied to the file called name unless that is "".
func newTestReports(name string) (*testReports, error) {
	r := &testReports{running: make(map[testName]anytest.Report), results: make(map[testName]*testResult)}
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
func (r *testReports) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.copy != nil {
		if err := r.copy.Close(); r.err == nil {
			r.err = err
		}
		r.copy = nil
	}
}

// failure returns why the copy is not complete, nil if it is.
func (r *testReports) failure() error {
	r.close()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return fmt.Errorf("-report: %w", r.err)
	}
	return nil
}

// begin begins to read the file called name, which test binaries append to.
func (r *testReports) begin(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = os.Remove(name) // what is in there was read
	r.name, r.offset, r.partial = name, 0, nil
}

// end reads the file to its end. The test binaries have ended; a test that is still running did not come to its end.
func (r *testReports) end() {
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

// read takes in what has been appended since the last call.
func (r *testReports) read() {
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

// take takes a line in.
func (r *testReports) take(line []byte) {
	var report anytest.Report
	if json.Unmarshal(line, &report) != nil || report.Test == "" {
		return // by a test that has found the file, say
	}
	name := testName{report.Package, report.Test}
	if report.Verdict == anytest.Running {
		r.running[name], r.last = report, name
		return
	}
	delete(r.running, name)
	r.note(report)
}

// note notes the last report of a test.
func (r *testReports) note(report anytest.Report) {
	name := testName{report.Package, report.Test}
	result := r.results[name]
	if result == nil {
		result = &testResult{verdict: report.Verdict}
		r.results[name] = result
	} else if worse(report.Verdict, result.verdict) {
		result.verdict = report.Verdict
	}
	r.ended = report
	result.orders += report.Orders
	for _, n := range report.Notes {
		if !slices.Contains(result.notes, n) {
			result.notes = append(result.notes, n)
		}
	}
	if report.Verdict == anytest.Refused && !slices.Contains(result.refused, report.Reason) {
		result.refused = append(result.refused, report.Reason)
	}
	result.failures = append(result.failures, report.Failures...)
	r.orders += report.Orders
	if r.copy != nil && r.err == nil {
		r.err = json.NewEncoder(r.copy).Encode(report)
	}
}

// current returns the report of the test that is explored as far as is known, the one that reported last if there are
// several, and how many tests have ended, in how many orders.
func (r *testReports) current() (running anytest.Report, ended, orders int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	running, ok := r.running[r.last]
	if !ok {
		for _, running = range r.running {
			break
		}
	}
	return running, len(r.results), r.orders
}

// verdicts are the verdicts from the best to the worst.
var verdicts = []anytest.Verdict{anytest.Exhausted, anytest.Replayed, anytest.Budget, anytest.Refused, anytest.Running, anytest.Failed}

// worse reports whether a is a worse verdict than b.
func worse(a, b anytest.Verdict) bool {
	for _, v := range verdicts {
		if v == a || v == b {
			return v == b && a != b
		}
	}
	return false
}

// seen returns how many tests have been reported.
func (r *testReports) seen() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.results)
}

// unexplored returns how many tests were not explored.
func (r *testReports) unexplored() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, result := range r.results {
		if len(result.refused) > 0 {
			n++
		}
	}
	return n
}

// notes returns what is worth telling of tests that do not fail, a line each, and which were not explored.
func (r *testReports) notes() []string {
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

// summary returns the result in a line, "" if no test was explored.
func (r *testReports) summary(took time.Duration) string {
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
		switch v { //nolint:exhaustive // the others are what they are called
		case anytest.Running: // and its process has ended
			word = "cut short"
		case anytest.Refused:
			word = "not explored"
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, word))
		}
	}
	parts = append(parts, counted(r.orders, "order"))
	return fmt.Sprintf("%s: %s in %.1fs", counted(len(r.results), "test"), strings.Join(parts, ", "), took.Seconds())
}

// counted returns n things in words, with thousands apart.
func counted(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return grouped(n) + " " + thing
}

// grouped returns n, which is not negative, with its thousands apart.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
