// Print makes the private GOROOT for the installed Go, and prints its directory. It is for the development of package goroot:
//
//	GOROOT=$(go run ./internal/goroot/print) go test -tags turnstile_goroot ./sync2
//
// With the argument tell, it makes the GOROOT for programs that report what they do: see package tell.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/turnstile-go/turnstile/internal/goroot"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	from, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("go env GOROOT: %w", err)
	}
	cache, err := goroot.Cache()
	if err != nil {
		return err // it says all
	}
	makes := goroot.Make
	if len(os.Args) > 1 && os.Args[1] == "tell" {
		makes = goroot.MakeTelling
	}
	r, err := makes(ctx, strings.TrimSpace(string(from)), cache)
	if err != nil {
		return err // it says all
	}
	fmt.Println(r.Dir)
	return nil
}
