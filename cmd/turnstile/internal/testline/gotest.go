package testline

import (
	"slices"
	"strings"

	"github.com/turnstile-go/turnstile/internal/goroot"
)

// A Phase is one run of go test.
type Phase int

// The phases.
const (
	PhaseOnly       Phase = iota // the only one
	PhaseBeforeRace              // the one without the race detector, before that with it
	PhaseWithRace                // the one with the race detector, after that without it
)

// twice are the flags of a command line with -race that are left to the run with the race detector, which is what
// go test -race would be: what they ask for would be written twice otherwise.
var twice = []string{
	"race", "cover", "covermode", "coverpkg", "coverprofile", "o", "bench", "benchmem", "benchtime", "blockprofile", "blockprofilerate",
	"cpuprofile", "memprofile", "memprofilerate", "mutexprofile", "mutexprofilefraction", "outputdir", "trace", "artifacts",
}

// Phases returns the runs of go test that the command line asks for.
func (l *Line) Phases(goflags []GoFlag) []Phase {
	if !l.detects(goflags) || !l.Explores() {
		return []Phase{PhaseOnly}
	}
	return []Phase{PhaseBeforeRace, PhaseWithRace}
}

// detects reports whether the race detector is asked for.
func (l *Line) detects(goflags []GoFlag) bool {
	race := l.On("race")
	if !l.Has("race") {
		for _, f := range goflags {
			race = f.name == "race" && f.value != "false" || race && f.name != "race"
		}
	}
	return race
}

// Explores reports whether tests are run at all.
func (l *Line) Explores() bool { return !l.On("c") && !l.On("n") && !l.Has("list", "fuzz") }

// keepSymbols makes the linker keep the symbols of a test binary, which go test strips: package variables are found by
// them. The linker gets it after what go test says.
const keepSymbols = "-s=0"

// keepCalls makes the compiler call the functions of package sync/atomic, which tell the explorer of what they do, instead of
// putting instructions in their places. The standard library is compiled as ever.
const keepCalls = "-d=ssa/intrinsics/off"

// ofExplorer is what the compiler gets for the explorer: nobody debugs it, and the linker has less to read. With unwatched, the race
// detector does not look at it, which would take time for nothing.
const (
	ofExplorer = "internal/turnstile/...=-dwarf=false"
	unwatched  = " -race=false"
)

// GoTest returns the arguments of the go command for a phase, given the flags in GOFLAGS.
func (l *Line) GoTest(phase Phase, goflags []GoFlag) []string {
	args := []string{"test"}
	if l.Chdir != "" {
		args = append(args, "-C="+l.Chdir)
	}
	args = append(args, l.buildFlags(phase, goflags)...)

	if !l.has("count", goflags) && l.Explores() {
		// An exploration depends on more than what go test looks at to find out whether a result still holds.
		args = append(args, "-count=1")
	}
	if l.LimitsEach(goflags) {
		args = append(args, "-timeout=0")
	}
	if phase == PhaseBeforeRace {
		if l.has("race", goflags) {
			args = append(args, "-race=false")
		}
		for _, f := range goflags { // what is left to the other run is GOFLAGS' too
			if slices.Contains(twice, f.name) && f.name != "race" && bareFlags[f.name] {
				args = append(args, "-"+f.name+"=false")
			}
		}
	}
	for _, f := range l.Args {
		if slices.Contains(builds, f.Flag) || phase == PhaseBeforeRace && slices.Contains(twice, f.Flag) {
			continue
		}
		args = append(args, f.Raw...)
	}
	return args
}

// LimitsEach reports whether each test has a time limit of its own, since no -timeout limits those of a package together.
func (l *Line) LimitsEach(goflags []GoFlag) bool { return l.Explores() && !l.has("timeout", goflags) }

// has reports whether GOFLAGS or the command line has the flag called name.
func (l *Line) has(name string, goflags []GoFlag) bool {
	return slices.ContainsFunc(l.given(goflags), func(f GoFlag) bool { return f.name == name })
}

// given returns the flags in GOFLAGS and then those of the command line, which take the places of the same there.
func (l *Line) given(goflags []GoFlag) []GoFlag {
	given := slices.Clone(goflags)
	for _, f := range l.Args {
		if f.Flag != "" {
			given = append(given, GoFlag{f.Flag, f.value})
		}
	}
	return given
}

// builds names the flags of go test that buildFlags gives.
var builds = []string{"tags", "ldflags", "gcflags"}

// buildFlags returns the flags that say how a test binary is built, what is asked for and what exploring needs.
func (l *Line) buildFlags(phase Phase, goflags []GoFlag) []string {
	var tags string
	ldflags := []string{"all=" + keepSymbols}
	gcflags := l.inStandard([]string{"all=" + keepCalls}, "")
	for _, f := range l.given(goflags) {
		switch f.name {
		case "tags":
			tags = f.value
		case "ldflags":
			ldflags = append(ldflags, f.value+" "+keepSymbols)
		case "gcflags":
			gcflags = append(gcflags, f.value+" "+keepCalls)
			if flags, ok := strings.CutPrefix(f.value, "all="); ok {
				gcflags = l.inStandard(gcflags, flags)
			}
		}
	}
	explorer := ofExplorer
	if phase != PhaseBeforeRace && l.detects(goflags) {
		explorer += unwatched
	}
	gcflags = append(gcflags, explorer)
	words := strings.FieldsFunc(tags, func(r rune) bool { return r == ',' || r == ' ' || r == '\'' })
	args := []string{"-tags=" + strings.Join(append(words, goroot.Tag), ",")}
	for _, f := range ldflags {
		args = append(args, "-ldflags="+f)
	}
	for _, f := range gcflags {
		args = append(args, "-gcflags="+f)
	}
	return args
}

// inStandard adds to gcflags those for the standard library.
func (l *Line) inStandard(gcflags []string, flags string) []string {
	for _, pattern := range l.Std {
		gcflags = append(gcflags, pattern+"="+flags)
	}
	return gcflags
}
