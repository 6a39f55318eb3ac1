package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/internal/anytest"
	"github.com/turnstile-go/turnstile/internal/goroot"
)

// A testArg is one argument of go test, with its value if that is an argument of its own.
type testArg struct {
	flag  string   // the name of a flag that go test knows, without "test."; "" for a package and for what the test binary gets
	value string   // of the flag, "true" for a bare one
	pkg   bool     // it names a package
	raw   []string // as they were given
}

// A testLine is a command line of "turnstile test", taken apart.
type testLine struct {
	chdir   string            // -C
	own     map[string]string // our own flags, by name
	args    []testArg         // those of go test, in order
	unknown []string          // flags that neither knows: the test binary gets them
	std     []string          // patterns of the packages of the standard library
	help    bool
}

// ownFlags are the flags that go test does not have. Each takes a value.
var ownFlags = []string{"runs", "time", "steps", "strategy", "anytime", "leaks", "unexplored", "seed", "replay", "report", "format"}

// bareFlags are the flags of go test that may stand without a value; the value of any other may be the next argument.
var bareFlags = flagSet(`a n x asan msan race linkshared modcacherw trimpath work v c cover json buildvcs
	benchmem failfast fullpath short artifacts`)

// valueFlags are the flags of go test that take a value.
var valueFlags = flagSet(`C p asmflags compiler buildmode gcflags gccgoflags mod modfile overlay installsuffix ldflags pgo pkgdir tags
	toolexec o exec vet covermode coverpkg coverprofile debug-actiongraph debug-runtime-trace debug-trace
	bench benchtime blockprofile blockprofilerate count cpu cpuprofile fuzz list memprofile memprofilerate mutexprofile
	mutexprofilefraction outputdir parallel run skip timeout fuzztime fuzzminimizetime trace shuffle`)

func flagSet(names string) map[string]bool {
	set := make(map[string]bool)
	for name := range strings.FieldsSeq(names) {
		set[name] = true
	}
	return set
}

// parseTestLine takes the command line args apart as go test does: flags may stand before and after the packages, a flag
// that is not known ends the list of packages, and what follows "-args" is the test binary's.
func parseTestLine(args []string) (*testLine, error) {
	l := &testLine{own: make(map[string]string)}
	const ( // where in the command line an argument stands
		before   = iota // the packages
		within          // them
		after           // them
		mayValue        // after them, and after a flag that is not known and has no value
	)
	at := before
	for len(args) > 0 {
		raw := args[0]
		f, n, err := l.flag(args)
		if err != nil {
			return nil, err
		}
		switch {
		case raw == "--": // the test binary's, like all that follows
			l.rest(args)
			return l, nil
		case n == 0 && (at == before || at == within):
			at = within
			l.args = append(l.args, testArg{pkg: true, raw: args[:1]})
			args = args[1:]
			continue
		case n == 0 && at == after:
			l.rest(args)
			return l, nil
		case n == 0: // perhaps the value of the flag before it
			l.args = append(l.args, testArg{raw: args[:1]})
			args, at = args[1:], after
			continue
		case raw == "-args" || raw == "--args":
			l.rest(args)
			return l, nil
		case f.flag == "help" || f.flag == "h" || f.flag == "?":
			l.help = true
			return l, nil
		}
		if at == within || at == mayValue {
			at = after
		}
		if f.flag == "" {
			at = after
			if !strings.Contains(raw, "=") {
				at = mayValue
			}
			l.unknown = append(l.unknown, raw)
		}
		switch {
		case slices.Contains(ownFlags, f.flag):
			l.own[f.flag] = f.value
		case f.flag == "C":
			l.chdir = f.value
		default:
			l.args = append(l.args, f)
		}
		args = args[n:]
	}
	return l, nil
}

// rest notes that the remaining arguments are for the test binary.
func (l *testLine) rest(args []string) { l.args = append(l.args, testArg{raw: args}) }

// flag reads the flag that args begins with, and returns it and of how many arguments it consists, 0 if it is no flag.
func (l *testLine) flag(args []string) (f testArg, n int, err error) {
	raw := args[0]
	arg := strings.TrimPrefix(raw, "-")
	if strings.HasPrefix(raw, "--") {
		arg = raw[2:]
	}
	if arg == raw || arg == "" || arg[0] == '-' || arg[0] == '=' {
		return testArg{}, 0, nil
	}
	name, value, has := strings.Cut(arg, "=")
	f = testArg{flag: name, value: value, raw: args[:1]}
	short := strings.TrimPrefix(name, "test.")
	switch {
	case bareFlags[short]:
		if !has {
			f.value = "true"
		}
	case valueFlags[short], slices.Contains(ownFlags, name):
		if has {
			break
		}
		if len(args) < 2 {
			return testArg{}, 0, fmt.Errorf("flag needs an argument: -%s", name)
		}
		f.value, f.raw = args[1], args[:2]
	case name == "h", name == "help", name == "?":
		return f, 1, nil
	default:
		return testArg{raw: args[:1]}, 1, nil
	}
	if !slices.Contains(ownFlags, name) {
		f.flag = short
	}
	return f, len(f.raw), nil
}

// last returns the value of the last flag called name, "" if there is none.
func (l *testLine) last(name string) string {
	for _, f := range slices.Backward(l.args) {
		if f.flag == name {
			return f.value
		}
	}
	return ""
}

// has reports whether one of the flags is given.
func (l *testLine) has(names ...string) bool {
	return slices.ContainsFunc(l.args, func(f testArg) bool { return f.flag != "" && slices.Contains(names, f.flag) })
}

// on reports whether the flag called name, which may stand without a value, is given and not false.
func (l *testLine) on(name string) bool {
	switch l.last(name) {
	case "", "0", "f", "F", "false", "FALSE", "False":
		return false
	}
	return true
}

// config returns what our own flags say.
func (l *testLine) config() (*anytest.Config, error) {
	c := &anytest.Config{Seed: 1}
	for name, value := range l.own {
		if want := configure(c, name, value); want != "" {
			return nil, fmt.Errorf("-%s %s: must be %s", name, value, want)
		}
	}
	return c, nil
}

// configure puts into c what our flag called name says. It returns what its value must be, "" if it is that.
func configure(c *anytest.Config, name, value string) (want string) {
	var err error
	switch name {
	case "runs":
		c.Runs, want = atLeastOne(value)
	case "steps":
		c.Steps, want = atLeastOne(value)
	case "time":
		if c.Time, err = time.ParseDuration(value); err != nil || c.Time <= 0 {
			want = "a duration such as 30s"
		}
	case "strategy":
		c.Strategy, want = oneOf(value, "all", "random", "pct", "dpor")
	case "anytime":
		c.Anytime, want = oneOf(value, "auto", "on", "off")
	case "leaks":
		value, want = oneOf(value, "on", "off")
		c.KeepLeaks = value == "off"
	case "unexplored": // the command itself looks at it
		_, want = oneOf(value, "pass", "fail")
	case "format": // likewise
		_, want = oneOf(value, "text", "github")
	case "seed":
		if c.Seed, err = strconv.ParseUint(value, 10, 64); err != nil {
			want = "a number, 0 or more"
		}
	case "replay":
		c.Replay = value
	}
	return want
}

// atLeastOne returns the number that value says, or what it must be.
func atLeastOne(value string) (n int, want string) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 {
		return 0, "a number, 1 or more"
	}
	return n, ""
}

// oneOf returns value, "" if it is usual, or what it must be: one of the words.
func oneOf(value, usual string, others ...string) (word, want string) {
	switch {
	case value == usual:
		return "", ""
	case slices.Contains(others, value):
		return value, ""
	}
	words := append([]string{usual}, others...)
	last := len(words) - 1
	return "", strings.Join(words[:last], ", ") + " or " + words[last]
}

// A goFlag is a flag that GOFLAGS sets.
type goFlag struct{ name, value string }

// parseGOFLAGS returns the flags in the value of GOFLAGS, which may be quoted as the go command allows it.
func parseGOFLAGS(text string) []goFlag {
	var flags []goFlag
	for text = strings.TrimLeft(text, " \t\n\r"); text != ""; text = strings.TrimLeft(text, " \t\n\r") {
		var word string
		if q := text[0]; q == '"' || q == '\'' {
			word, text, _ = strings.Cut(text[1:], string(q))
		} else if i := strings.IndexAny(text, " \t\n\r"); i >= 0 {
			word, text = text[:i], text[i:]
		} else {
			word, text = text, ""
		}
		word = strings.TrimPrefix(strings.TrimPrefix(word, "-"), "-")
		name, value, has := strings.Cut(word, "=")
		if !has {
			value = "true"
		}
		flags = append(flags, goFlag{strings.TrimPrefix(name, "test."), value})
	}
	return flags
}

// A testPhase is one run of go test.
type testPhase int

const (
	onlyPhase  testPhase = iota // the only one
	beforeRace                  // the one without the race detector, before that with it
	withRace                    // the one with the race detector, after that without it
)

// twice are the flags of a command line with -race that are left to the run with the race detector, which is what
// go test -race would be: what they ask for would be written twice otherwise.
var twice = []string{
	"race", "cover", "covermode", "coverpkg", "coverprofile", "o", "bench", "benchmem", "benchtime", "blockprofile", "blockprofilerate",
	"cpuprofile", "memprofile", "memprofilerate", "mutexprofile", "mutexprofilefraction", "outputdir", "trace", "artifacts",
}

// phases returns the runs of go test that the command line asks for.
func (l *testLine) phases(goflags []goFlag) []testPhase {
	if !l.detects(goflags) || !l.explores() {
		return []testPhase{onlyPhase}
	}
	return []testPhase{beforeRace, withRace}
}

// detects reports whether the race detector is asked for.
func (l *testLine) detects(goflags []goFlag) bool {
	race := l.on("race")
	if !l.has("race") {
		for _, f := range goflags {
			race = f.name == "race" && f.value != "false" || race && f.name != "race"
		}
	}
	return race
}

// explores reports whether tests are run at all.
func (l *testLine) explores() bool { return !l.on("c") && !l.on("n") && !l.has("list", "fuzz") }

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

// goTest returns the arguments of the go command for a phase, given the flags in GOFLAGS.
func (l *testLine) goTest(phase testPhase, goflags []goFlag) []string {
	args := []string{"test"}
	if l.chdir != "" {
		args = append(args, "-C="+l.chdir)
	}
	args = append(args, l.buildFlags(phase, goflags)...)

	given := l.given(goflags)
	has := func(name string) bool {
		return slices.ContainsFunc(given, func(f goFlag) bool { return f.name == name })
	}
	if !has("count") && l.explores() {
		// An exploration depends on more than what go test looks at to find out whether a result still holds.
		args = append(args, "-count=1")
	}
	if phase == beforeRace {
		if has("race") {
			args = append(args, "-race=false")
		}
		for _, f := range goflags { // what is left to the other run is GOFLAGS' too
			if slices.Contains(twice, f.name) && f.name != "race" && bareFlags[f.name] {
				args = append(args, "-"+f.name+"=false")
			}
		}
	}
	for _, f := range l.args {
		if slices.Contains(builds, f.flag) || phase == beforeRace && slices.Contains(twice, f.flag) {
			continue
		}
		args = append(args, f.raw...)
	}
	return args
}

// given returns the flags in GOFLAGS and then those of the command line, which take the places of the same there.
func (l *testLine) given(goflags []goFlag) []goFlag {
	given := slices.Clone(goflags)
	for _, f := range l.args {
		if f.flag != "" {
			given = append(given, goFlag{f.flag, f.value})
		}
	}
	return given
}

// builds names the flags of go test that buildFlags gives.
var builds = []string{"tags", "ldflags", "gcflags"}

// buildFlags returns the flags that say how a test binary is built, what is asked for and what exploring needs.
func (l *testLine) buildFlags(phase testPhase, goflags []goFlag) []string {
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
	if phase != beforeRace && l.detects(goflags) {
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
func (l *testLine) inStandard(gcflags []string, flags string) []string {
	for _, pattern := range l.std {
		gcflags = append(gcflags, pattern+"="+flags)
	}
	return gcflags
}

// doubtful returns a remark on a flag that the test binary got and may not have been meant for it, "" if there is none.
func (l *testLine) doubtful() string {
	for _, raw := range l.unknown {
		name, _, _ := strings.Cut(strings.TrimLeft(raw, "-"), "=")
		for _, own := range ownFlags {
			if near(name, own) {
				return fmt.Sprintf("-%s is not a flag of turnstile test, so the test binary got it; did you mean -%s?", name, own)
			}
		}
	}
	return ""
}

// near reports whether a and b differ by a typing error: a letter more, a letter less, another letter, or two exchanged.
func near(a, b string) bool {
	if len(a) < 3 || a == b {
		return false
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	return a[i+1:] == b[i+1:] || i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

// set sets a flag, in the place of what the command line says.
func (l *testLine) set(name, value string) {
	l.args = slices.DeleteFunc(l.args, func(f testArg) bool { return f.flag == name })
	l.args = slices.Insert(l.args, 0, testArg{flag: name, value: value, raw: []string{"-" + name + "=" + value}})
}

// packages returns the packages that the command line names.
func (l *testLine) packages() []string {
	var list []string
	for _, f := range l.args {
		if f.pkg {
			list = append(list, f.raw...)
		}
	}
	return list
}

// only makes the command line name the package pkg and no other.
func (l *testLine) only(pkg string) {
	at := slices.IndexFunc(l.args, func(f testArg) bool { return f.flag == "" }) // packages stand before what the test binary gets
	if at < 0 {
		at = len(l.args)
	}
	l.args = slices.DeleteFunc(l.args, func(f testArg) bool { return f.pkg })
	l.args = slices.Insert(l.args, at, testArg{pkg: true, raw: []string{pkg}})
}
