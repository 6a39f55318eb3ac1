package main

import (
	"fmt"

	mango "github.com/muesli/mango-cobra"
	"github.com/muesli/roff"
	"github.com/spf13/cobra"
)

// man returns the command that prints the manual page for packages of the program. It is hidden, because users of a package run
// "man turnstile".
func (p *program) man() *cobra.Command {
	return &cobra.Command{
		Use:               "man",
		Short:             "Print the manual page",
		Args:              cobra.NoArgs,
		Hidden:            true,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			page, err := mango.NewManPage(1, cmd.Root())
			if err != nil {
				return fmt.Errorf("man: %w", err)
			}
			if _, err := fmt.Fprint(p.out, page.Build(roff.NewDocument())); err != nil {
				return fmt.Errorf("man: %w", err)
			}
			return nil
		},
	}
}
