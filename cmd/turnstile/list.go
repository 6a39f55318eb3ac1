package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/turnstile-go/turnstile/scenarios"
)

// list returns the command that lists the scenarios.
func (p *program) list() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:               "list",
		Short:             "List the scenarios",
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return p.listJSON()
			}
			return p.listText()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON, with lessons and parameters")
	return cmd
}

func (p *program) listText() error {
	all := catalog()
	count := make(map[scenarios.Category]int)
	for _, s := range all {
		count[s.Category]++
	}
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	last := scenarios.CategoryNone
	for _, s := range all {
		if s.Category != last {
			if last != scenarios.CategoryNone {
				_, _ = fmt.Fprintln(w)
			}
			_, _ = fmt.Fprintf(w, "%s (%d)\n", s.Category, count[s.Category])
			last = s.Category
		}
		_, _ = fmt.Fprintf(w, "  %s\t%s\t%s\n", s.Name, s.Expect, s.Title)
	}
	if err := w.Flush(); err != nil { // it has kept the first error
		return fmt.Errorf("list: %w", err)
	}
	return nil
}

// The JSON of list. Fields may be added, none is renamed.
type (
	listedScenario struct {
		Name     string                `json:"name"`
		Title    string                `json:"title"`
		Category scenarios.Category    `json:"category"`
		Expect   scenarios.Expectation `json:"expect"`
		Twin     string                `json:"twin,omitempty"`
		Lesson   string                `json:"lesson"`
		Look     string                `json:"look"`
		Hints    []string              `json:"hints,omitempty"` // to the bug
		Params   []listedParam         `json:"params"`
	}
	listedParam struct {
		Name    string  `json:"name"`
		Help    string  `json:"help"`
		Default float64 `json:"default"`
		Min     float64 `json:"min"`
		Max     float64 `json:"max"`
	}
)

func (p *program) listJSON() error {
	var list []listedScenario
	for _, s := range catalog() {
		l := listedScenario{
			Name: s.Name, Title: s.Title, Category: s.Category, Expect: s.Expect, Twin: s.Twin, Lesson: s.Lesson, Look: s.Look, Hints: s.Hints,
		}
		for _, param := range s.AllParams() {
			l.Params = append(l.Params, listedParam{param.Name, param.Help, param.Default, param.Min, param.Max})
		}
		list = append(list, l)
	}
	return indented(p.out, list)
}
