package sandbox

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
)

var update = flag.Bool("update", false, "rewrite the exported tests")

// TestExport runs the scripts in testdata and compares the tests written from them with those in the directory
// exported, where they are compiled and run like any other test. Together the scripts use every verb of every kind.
func TestExport(t *testing.T) {
	scripts, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(scripts) == 0 {
		t.Fatal("no scripts", err)
	}
	used := make(map[string]bool)
	for _, path := range scripts {
		name := strings.TrimSuffix(filepath.Base(path), ".txt")
		t.Run(name, func(t *testing.T) {
			script, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var said, got string
			synctest.Test(t, func(t *testing.T) {
				s := newBubbled()
				said = do(t, s, string(script))
				for _, st := range s.steps {
					if st.call != nil && st.call.verb != nil {
						used[st.call.kind+"."+st.call.verb.Name] = true
					}
				}
				var err error
				if got, err = s.Test("exported", "Test"+strings.ToUpper(name[:1])+name[1:]); err != nil {
					t.Error(err)
				}
				for _, left := range s.Close() {
					t.Error(left)
				}
			})
			for _, file := range []struct{ path, text string }{
				{filepath.Join("exported", name+"_test.go"), got}, {filepath.Join("testdata", name+".said"), said},
			} {
				if *update {
					if err := os.MkdirAll(filepath.Dir(file.path), 0o750); err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(file.path, []byte(file.text), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file.path)
				if err != nil {
					t.Fatal(err)
				}
				if string(want) != file.text {
					t.Errorf("%s has changed; see the difference with -update:\n%s", file.path, file.text)
				}
			}
		})
	}
	for _, k := range kinds {
		for _, v := range k.Verbs {
			if !used[k.Name+"."+v.Name] && k.Name != "Locker" {
				t.Errorf("no script uses %s.%s", k.Name, v.Name)
			}
		}
	}
}
