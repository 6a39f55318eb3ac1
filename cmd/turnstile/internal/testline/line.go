package testline

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/turnstile-go/turnstile/internal/anytest"
)

// A Arg is one argument of go test, with its value if that is an argument of its own.
type Arg struct {
	Flag  string   // the name of a flag that go test knows, without "test."; "" for a package and for what the test binary gets
	value string   // of the flag, "true" for a bare one
	pkg   bool     // it names a package
	Raw   []string // as they were given
}

// A Line is a command line of "turnstile test", taken apart.
type Line struct {
	Chdir   string            // -C
	Own     map[string]string // our own flags, by name
	Args    []Arg             // those of go test, in order
	unknown []string          // flags that neither knows: the test binary gets them
	Std     []string          // patterns of the packages of the standard library
	Help    bool
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

// Parse takes the command line args apart as go test does: flags may stand before and after the packages, a flag
// that is not known ends the list of packages, and what follows "-args" is the test binary's.
func Parse(args []string) (*Line, error) {
	l := &Line{Own: make(map[string]string)}
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
			l.Args = append(l.Args, Arg{pkg: true, Raw: args[:1]})
			args = args[1:]
			continue
		case n == 0 && at == after:
			l.rest(args)
			return l, nil
		case n == 0: // perhaps the value of the flag before it
			l.Args = append(l.Args, Arg{Raw: args[:1]})
			args, at = args[1:], after
			continue
		case raw == "-args" || raw == "--args":
			l.rest(args)
			return l, nil
		case f.Flag == "help" || f.Flag == "h" || f.Flag == "?":
			l.Help = true
			return l, nil
		}
		if at == within || at == mayValue {
			at = after
		}
		if f.Flag == "" {
			at = after
			if !strings.Contains(raw, "=") {
				at = mayValue
			}
			l.unknown = append(l.unknown, raw)
		}
		switch {
		case slices.Contains(ownFlags, f.Flag):
			l.Own[f.Flag] = f.value
		case f.Flag == "C":
			l.Chdir = f.value
		default:
			l.Args = append(l.Args, f)
		}
		args = args[n:]
	}
	return l, nil
}

// rest notes that the remaining arguments are for the test binary.
func (l *Line) rest(args []string) { l.Args = append(l.Args, Arg{Raw: args}) }

// flag reads the flag that args begins with, and returns it and of how many arguments it consists, 0 if it is no flag.
func (l *Line) flag(args []string) (f Arg, n int, err error) {
	raw := args[0]
	arg := strings.TrimPrefix(raw, "-")
	if strings.HasPrefix(raw, "--") {
		arg = raw[2:]
	}
	if arg == raw || arg == "" || arg[0] == '-' || arg[0] == '=' {
		return Arg{}, 0, nil
	}
	name, value, has := strings.Cut(arg, "=")
	f = Arg{Flag: name, value: value, Raw: args[:1]}
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
			return Arg{}, 0, fmt.Errorf("flag needs an argument: -%s", name)
		}
		f.value, f.Raw = args[1], args[:2]
	case name == "h", name == "help", name == "?":
		return f, 1, nil
	default:
		return Arg{Raw: args[:1]}, 1, nil
	}
	if !slices.Contains(ownFlags, name) {
		f.Flag = short
	}
	return f, len(f.Raw), nil
}

// Last returns the value of the last flag called name, "" if there is none.
func (l *Line) Last(name string) string {
	for _, f := range slices.Backward(l.Args) {
		if f.Flag == name {
			return f.value
		}
	}
	return ""
}

// Has reports whether one of the flags is given.
func (l *Line) Has(names ...string) bool {
	return slices.ContainsFunc(l.Args, func(f Arg) bool { return f.Flag != "" && slices.Contains(names, f.Flag) })
}

// On reports whether the flag called name, which may stand without a value, is given and not false.
func (l *Line) On(name string) bool {
	switch l.Last(name) {
	case "", "0", "f", "F", "false", "FALSE", "False":
		return false
	}
	return true
}

// Config returns what our own flags say.
func (l *Line) Config() (*anytest.Config, error) {
	c := &anytest.Config{Seed: 1}
	for name, value := range l.Own {
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

// A GoFlag is a flag that GOFLAGS sets.
type GoFlag struct{ name, value string }

// ParseGOFLAGS returns the flags in the value of GOFLAGS, which may be quoted as the go command allows it.
func ParseGOFLAGS(text string) []GoFlag {
	var flags []GoFlag
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
		flags = append(flags, GoFlag{strings.TrimPrefix(name, "test."), value})
	}
	return flags
}

// Doubtful returns a remark on a flag that the test binary got and may not have been meant for it, "" if there is none.
func (l *Line) Doubtful() string {
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

// Set sets a flag, in the place of what the command line says.
func (l *Line) Set(name, value string) {
	l.Args = slices.DeleteFunc(l.Args, func(f Arg) bool { return f.Flag == name })
	l.Args = slices.Insert(l.Args, 0, Arg{Flag: name, value: value, Raw: []string{"-" + name + "=" + value}})
}

// Packages returns the packages that the command line names.
func (l *Line) Packages() []string {
	var list []string
	for _, f := range l.Args {
		if f.pkg {
			list = append(list, f.Raw...)
		}
	}
	return list
}

// Only makes the command line name the package pkg and no other.
func (l *Line) Only(pkg string) {
	at := slices.IndexFunc(l.Args, func(f Arg) bool { return f.Flag == "" }) // packages stand before what the test binary gets
	if at < 0 {
		at = len(l.Args)
	}
	l.Args = slices.DeleteFunc(l.Args, func(f Arg) bool { return f.pkg })
	l.Args = slices.Insert(l.Args, at, Arg{pkg: true, Raw: []string{pkg}})
}
