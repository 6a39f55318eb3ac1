package sandbox

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// leftOut holds the exported functions of sync2 that the sandbox omits, with the reason.
var leftOut = map[string]string{
	"Go":          "the command go",
	"Current":     "the sandbox shows the goroutines",
	"Goroutines":  "likewise",
	"Waits":       "the sandbox shows the waiters",
	"WriteWaits":  "likewise",
	"OnPanic":     "it concerns the process",
	"Map":         "its tasks start by themselves, several at a time",
	"WithContext": "the context would be the sandbox's own",
	"WithBuffer":  "of Map",
}

// Every method of every type is in the table, with a name for each parameter, and nothing else is.
func TestTableHasEveryMethod(t *testing.T) {
	for _, k := range kinds {
		want := make(map[string]reflect.Type)
		for m := range k.typ.Methods() {
			want[m.Name] = m.Type
		}
		for _, v := range k.Verbs {
			typ, skip := want[v.Name], 1
			if k.typ.Kind() == reflect.Interface {
				skip = 0
			}
			if v.fn != nil {
				typ, skip = reflect.TypeOf(v.fn), 0
			}
			switch {
			case typ == nil:
				t.Errorf("%s has no %s", k.Name, v.Name)
			case typ.NumIn()-skip != len(strings.Fields(v.Params)):
				t.Errorf("%s.%s takes %d parameters, and not %q", k.Name, v.Name, typ.NumIn()-skip, v.Params)
			case v.About == "":
				t.Errorf("%s.%s has no description", k.Name, v.Name)
			}
			delete(want, v.Name)
		}
		for name := range want {
			t.Errorf("%s.%s is not in the table", k.Name, name)
		}
	}
}

// Every type and function that sync2 exports is in the table, or is left out for a reason.
func TestTableHasEveryFunction(t *testing.T) {
	known := make(map[string]bool)
	types := map[string]bool{"UsageError": true, "BrokenError": true, "PanicError": true, "State": true, "Wait": true, "Settled": true, "BarrierOption": true, "ExecutorOption": true, "GroupOption": true, "MapOption": true}
	for _, k := range kinds {
		types[k.Name] = true
		for _, m := range k.Makers {
			known[m.Name] = true
			for _, o := range m.Options {
				known[o.Name] = true
			}
		}
		for _, v := range k.Verbs {
			known[v.Name] = known[v.Name] || v.fn != nil
		}
	}
	for _, v := range functions {
		known[v.Name] = true
	}
	p := docOf(t, "../../sync2")
	names := make([]string, 0, len(p.Funcs))
	for _, f := range p.Funcs {
		names = append(names, f.Name)
	}
	for _, typ := range p.Types {
		if !types[typ.Name] {
			t.Errorf("the type %s is not in the table", typ.Name)
		}
		for _, f := range typ.Funcs {
			names = append(names, f.Name)
		}
	}
	for _, name := range names {
		if known[name] == (leftOut[name] != "") {
			t.Errorf("the function %s: in the table %t, left out because of %q", name, known[name], leftOut[name])
		}
	}
	if len(names) < 30 {
		t.Errorf("there are %d functions", len(names))
	}
}

// docOf returns the documentation of the package in dir.
func docOf(t *testing.T, dir string) *doc.Package {
	t.Helper()
	fset := token.NewFileSet()
	//nolint:staticcheck // the files need not be of one build
	packages, err := parser.ParseDir(fset, dir, func(f fs.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") }, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, f := range packages["sync2"].Files {
		files = append(files, f)
	}
	p, err := doc.NewFromFiles(fset, files, "sync2")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Methods that only look never wait: none of them has a context or a timeout.
func TestLooksAreNoWaits(t *testing.T) {
	for _, k := range kinds {
		for _, v := range k.Verbs {
			if v.looks && (strings.Contains(v.Params, "ctx") || slices.Contains(strings.Fields(v.Params), "d")) {
				t.Errorf("%s.%s waits", k.Name, v.Name)
			}
		}
	}
}
