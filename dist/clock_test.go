package dist

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// No lease depends on a clock that can be set: this package uses times only to compute elapsed time, by the monotonic clock,
// and sends no time to other processes. The start time in a trace is for people.
func TestNoWallClock(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 10 {
		t.Fatalf("%q, %v", files, err)
	}
	wall := map[string]bool{
		"Unix": true, "UnixMilli": true, "UnixMicro": true, "UnixNano": true, "Round": true, "Truncate": true, "UTC": true, "In": true,
		"Local": true, "AddDate": true, "Date": true, "Clock": true, "Format": true, "AppendFormat": true, "MarshalJSON": true, "Parse": true,
	}
	seen := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && wall[sel.Sel.Name] {
				if seen++; name != "trace.go" || sel.Sel.Name != "UnixNano" {
					t.Errorf("%s uses %s", name, sel.Sel.Name)
				}
			}
			return true
		})
	}
	if seen != 1 {
		t.Errorf("%d uses of a wall clock, want that of the trace", seen)
	}
}
