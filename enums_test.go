package turnstile_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// shortForms are the prefixes that the constants of an enum have in place of its name. Kind at the end of the name is
// left out without an entry here.
var shortForms = map[string]string{
	"scenarios.Expectation":           "Expect",
	"sync2/internal/hook.Expectation": "Expect",
	"sync2/trace.vStatus":             "v", // as in the other names of the Validator's
	"tui.SaidSort":                    "Said",
	"tui.driveView":                   "view",
	"tui.pane":                        "on", // what is clicked is onList
}

// fixedNames are the enums whose names others rely on, and which are clear without a prefix.
var fixedNames = map[string]bool{
	"sync2.State":         true, // sync2.Pending, sync2.Running …
	"sync2/process.Death": true, // process.OnDeath(process.Respawn)
}

// TestConstantsNameTheirEnum checks that in a package with more than one enum the name of each constant begins with
// that of its type.
func TestConstantsNameTheirEnum(t *testing.T) {
	seen := make(map[string]bool)
	for dir, files := range sources(t) {
		enums := make(enums)
		for _, name := range files {
			enums.add(t, filepath.Join(dir, name), nil)
		}
		for name, constants := range enums.several() {
			key := dir + "." + name
			seen[key] = true
			if fixedNames[key] {
				continue
			}
			for _, c := range withoutPrefix(name, shortForms[key], constants) {
				t.Errorf("%s: %s is a %s, and its name does not begin so; the package has other enums too", dir, c, name)
			}
		}
	}
	for key := range shortForms {
		if !seen[key] {
			t.Errorf("shortForms has %s, which is no enum beside others", key)
		}
	}
	for key := range fixedNames {
		if !seen[key] {
			t.Errorf("fixedNames has %s, which is no enum beside others", key)
		}
	}
}

// enums holds the constants of a package by the name of their type, whether or not the package declares the type.
type enums map[string]*enum

type enum struct {
	declared  bool // in the package
	constants []string
}

func (e enums) of(name string) *enum {
	if e[name] == nil {
		e[name] = new(enum)
	}
	return e[name]
}

// add adds the enums of a file, or of its text.
func (e enums) add(t *testing.T, name string, text any) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range f.Decls {
		d, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		typ := "" // of a constant without a value of its own: that of the preceding one
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				e.of(s.Name.Name).declared = true
			case *ast.ValueSpec:
				if id, ok := s.Type.(*ast.Ident); ok {
					typ = id.Name
				} else if s.Type != nil || len(s.Values) > 0 {
					typ = ""
				}
				if d.Tok != token.CONST || typ == "" {
					continue
				}
				for _, id := range s.Names {
					if of := e.of(typ); id.Name != "_" && !slices.Contains(of.constants, id.Name) {
						of.constants = append(of.constants, id.Name)
					}
				}
			}
		}
	}
}

// several returns the constants of each enum by the name of its type, or nothing if there are fewer than two enums.
func (e enums) several() map[string][]string {
	all := make(map[string][]string)
	for name, of := range e {
		if of.declared && len(of.constants) > 1 {
			all[name] = of.constants
		}
	}
	if len(all) < 2 {
		return nil
	}
	return all
}

// withoutPrefix returns the constants of an enum that do not begin with its name or its short form. The constant for
// their number may have the plural.
func withoutPrefix(name, short string, constants []string) (bad []string) {
	if short == "" {
		short = strings.TrimSuffix(name, "Kind")
	}
	prefixes := []string{name, short, strings.ToLower(name[:1]) + name[1:]}
	for _, c := range constants {
		begins := slices.ContainsFunc(prefixes, func(p string) bool {
			rest, ok := strings.CutPrefix(c, p)
			return ok && p != "" && rest != "" && strings.ToUpper(rest[:1]) == rest[:1]
		})
		if !begins && c != plural(strings.ToLower(name)) {
			bad = append(bad, c)
		}
	}
	return bad
}

// plural returns the plural of a noun that has a regular one.
func plural(noun string) string {
	if y, ok := strings.CutSuffix(noun, "y"); ok {
		return y + "ies"
	}
	if strings.HasSuffix(noun, "s") {
		return noun + "es"
	}
	return noun + "s"
}

func TestWithoutPrefix(t *testing.T) {
	const text = `package p

type Class uint8

const (
	ClassNone Class = iota
	ClassLock
	Queue
	classes
)

type FaultKind uint8

const (
	FaultRace FaultKind = iota
	Faulty
	FaultKindLeak
)

type Only uint8

const One Only = 1

const x, y int = 1, 2
`
	e := make(enums)
	e.add(t, "p.go", text)
	several := e.several()
	if len(several) != 2 {
		t.Errorf("enums %v, want Class and FaultKind", several)
	}
	for name, want := range map[string]string{"Class": "Queue", "FaultKind": "Faulty"} {
		if got := strings.Join(withoutPrefix(name, "", several[name]), " "); got != want {
			t.Errorf("%s: %q does not begin with its name, want %q", name, got, want)
		}
	}
	delete(e, "Class")
	if several := e.several(); several != nil {
		t.Errorf("enums %v beside others, want none", several)
	}
}
