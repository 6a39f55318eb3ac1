package scenarios_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/turnstile-go/turnstile/scenarios"
)

var update = flag.Bool("update", false, "write docs/catalog.md anew")

// A program is one of the documents that the scenarios are the counterpart of.
type program struct {
	number         int
	document, text string
	instead        string // what stands for it where no scenario shows it; "": a scenario must
}

// programs reads testdata/programs.tsv.
func programs(t *testing.T) []program {
	t.Helper()
	data, err := os.ReadFile("testdata/programs.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var all []program
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSuffix(line, "\n"); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		cells := append(strings.Split(line, "\t"), "")
		number, err := strconv.Atoi(cells[0])
		if err != nil || len(cells) < 4 || number != len(all)+1 {
			t.Fatalf("row %d of testdata/programs.tsv: %q", len(all)+1, line)
		}
		all = append(all, program{number, cells[1], cells[2], cells[3]})
	}
	return all
}

// docs/catalog.md is made from the registry: each program of the documents beside the scenarios that show its point. A
// program that none shows, and of which nothing says why, is a failure.
func TestCatalogOfPrograms(t *testing.T) {
	shownBy := make(map[int][]*scenarios.Scenario)
	for _, s := range scenarios.All() {
		for _, n := range s.Programs {
			shownBy[n] = append(shownBy[n], s)
		}
	}
	var page strings.Builder
	page.WriteString(`# The programs and their counterparts

The scenarios began as counterparts of the programs of five documents on concurrency in Python. This table has each of
these programs, the scenarios that show its point, and what they show. It is made from the registry of scenarios:
` + "`go test ./scenarios -run CatalogOfPrograms -update`" + ` writes it anew.

| # | document | program | scenario | what it shows |
|--:|---|---|---|---|
`)
	all, shown := programs(t), 0
	for _, p := range all {
		list := shownBy[p.number]
		delete(shownBy, p.number)
		var names, points []string
		for _, s := range list {
			names = append(names, "`"+s.Name+"`")
			points = append(points, s.Title)
		}
		switch {
		case len(list) > 0:
			shown++
		case p.instead != "":
			names, points = []string{"–"}, []string{p.instead}
		default:
			t.Errorf("no scenario shows the point of program %d, %q", p.number, p.text)
		}
		cell := func(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
		fmt.Fprintf(&page, "| %d | %s | %s | %s | %s |\n", p.number, p.document,
			cell(p.text), strings.Join(names, ", "), cell(strings.Join(points, "; ")))
	}
	fmt.Fprintf(&page, "\n%d of %d programs have a scenario.\n", shown, len(all))
	for n, list := range shownBy {
		t.Errorf("%s names program %d, which does not exist", list[0].Name, n)
	}

	const name = "../docs/catalog.md"
	if *update {
		if err := os.WriteFile(name, []byte(page.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(name)
	if err != nil || string(have) != page.String() {
		t.Errorf("%s is out of date (%v): go test ./scenarios -run CatalogOfPrograms -update", name, err)
	}
}

func TestProgramsAreSorted(t *testing.T) {
	for _, s := range scenarios.All() {
		if !slices.IsSortedFunc(s.Programs, cmp.Compare[int]) {
			t.Errorf("%s: its programs %v are not in order", s.Name, s.Programs)
		}
	}
}
