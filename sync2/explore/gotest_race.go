//go:build turnstile_goroot

package explore

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/turnstile-go/turnstile/internal/anytest"
	"github.com/turnstile-go/turnstile/internal/place"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
)

// The race detector reports a data race only once in a process, and does not end the process. So a schedule in which it
// reported one is run again in a fresh process, which reads the detector's report.

const logPath = "log_path="

// raceOptions returns the race detector's options for a fresh process, whose reports go to a file.
func raceOptions(own, file string) string {
	words := slices.DeleteFunc(strings.Fields(own), func(s string) bool { return strings.HasPrefix(s, logPath) })
	return strings.Join(append(words, logPath+file+".race"), " ")
}

func removeRaceLogs(file string) {
	logs, _ := filepath.Glob(file + ".race.*")
	for _, l := range logs {
		_ = os.Remove(l)
	}
}

// raceLog returns the race detector's output, "" if it is unknown.
func raceLog() string {
	for _, w := range strings.Fields(os.Getenv("GORACE")) {
		if path, ok := strings.CutPrefix(w, logPath); ok {
			text, _ := os.ReadFile(path + "." + strconv.Itoa(os.Getpid()))
			return string(text)
		}
	}
	return ""
}

// raceReport returns the last report in the race detector's log, "" if there is none.
func raceReport() string {
	log := raceLog()
	return firstReport(log[max(0, strings.LastIndex(log, raceMark)):])
}

const raceMark = "WARNING: DATA RACE"

// firstReport returns the first report in log, "" if there is none.
func firstReport(log string) string {
	_, s, _ := strings.Cut(log, raceMark)
	s, _, _ = strings.Cut(s, "==================")
	return strings.Trim(s, "\n")
}

// racing returns the positions of a report's two accesses, and a line that describes them.
func (b *testBinary) racing(report string) (places []string, words string) {
	lines := strings.Split(report, "\n")
	var parts []string
	for i, line := range lines {
		m := anAccess().FindStringSubmatch(line)
		if m == nil {
			continue
		}
		at, own := "", ""
		for j := i + 1; j+1 < len(lines) && lines[j] != "" && own == ""; j += 2 {
			p := aPlace().FindStringSubmatch(lines[j+1])
			if p == nil {
				break
			}
			n, _ := strconv.Atoi(p[2])
			where := place.Of(p[1], n)
			if at == "" {
				at = where
			}
			if b.ofMain(strings.TrimSuffix(strings.TrimSpace(lines[j]), "()")) {
				own = where
			}
		}
		if own != "" {
			at = own
		}
		places = append(places, at)
		parts = append(parts, strings.ToLower(m[2]+m[3])+" at "+at)
	}
	slices.Sort(places)
	return slices.Compact(places), strings.Join(parts, " and ")
}

// trimRace removes from a report the explorer's frames and those below them, and shortens positions.
func trimRace(report string) string {
	var kept []string
	for section := range strings.SplitSeq(report, "\n\n") {
		lines := strings.Split(section, "\n")
		for i, line := range lines {
			if strings.HasPrefix(line, "  testing.TurnstileBody(") || strings.HasPrefix(line, "  "+ownPackage+"/") {
				lines = lines[:i]
				break
			}
		}
		if len(lines) < 2 {
			continue
		}
		for i, line := range lines {
			if aPlace().MatchString(line) {
				lines[i] = "      " + engine.PlaceInStack(line)
			}
		}
		kept = append(kept, strings.Join(lines, "\n"))
	}
	return strings.Join(kept, "\n\n")
}

// race records the data race under the schedule of a.
func (g *goTest) race(a *attempt) {
	a.shorten()
	t := g.newToken(a)
	token := t.String()
	var c *anytest.Failure
	if r := g.inFreshProcess(token, ""); r != nil {
		if i := slices.IndexFunc(r.Failures, func(f anytest.Failure) bool { return f.Kind == KindRace.String() }); i >= 0 {
			c = &r.Failures[i]
		}
	}
	if c == nil {
		words := "the race detector reported one"
		if report := raceReport(); report != "" {
			words += "\n" + report
		}
		g.unconfirmed(&engine.Fault{Kind: engine.FaultRace, Message: words})
		return
	}
	id := KindRace.String() + " " + strings.Join(c.Places, " ")
	if g.known[id] {
		return
	}
	g.known[id] = true
	fd := confirmed(KindRace, c, token)
	fd.note = "the schedule was not shrunk, since the race detector reports a race only once in a process"
	g.add(fd)
}

// recordRace runs the schedule of a and returns the failure with all its details, followed by the data race if the test
// failed in another way besides; none if there is no failure.
func (g *goTest) recordRace(a *attempt) []*found {
	fd := g.record(a, g.b.token.Steps)
	if fd == nil {
		return nil
	}
	all := []*found{fd}
	if g.raced && fd.failure.Kind != KindRace {
		f := *fd.failure
		f.Kind, f.Message, f.Blocked, f.Cycle, f.Stack = KindRace, "", nil, nil, ""
		fd = &found{failure: &f}
		all = append(all, fd)
	}
	if report := raceReport(); fd.failure.Kind == KindRace && report != "" {
		places, words := g.b.racing(report)
		if len(all) == 1 {
			fd.failure.Events = withRace(fd.failure.Events, nil, report, g.b.ofMain)
		}
		fd.places, fd.failure.Message = places, fmt.Sprintf("%s\n%s", words, trimRace(report))
	}
	return all
}
