package main

import (
	"fmt"
	"runtime/pprof"

	"github.com/turnstile-go/turnstile/cmd/turnstile/internal/exit"
	"github.com/turnstile-go/turnstile/internal/atomicfile"
)

// profile starts a CPU profile, which stop writes to file. It does nothing if file is "".
func profile(file string) (stop func() error, err error) {
	if file == "" {
		return func() error { return nil }, nil
	}
	f, err := atomicfile.Create(file)
	if err != nil {
		return nil, exit.With(exit.Trouble, fmt.Errorf("--cpuprofile: %w", err))
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		f.Discard()
		return nil, exit.With(exit.Trouble, fmt.Errorf("--cpuprofile: %w", err))
	}
	return func() error {
		pprof.StopCPUProfile()
		if err := f.Commit(); err != nil {
			return exit.With(exit.Trouble, fmt.Errorf("--cpuprofile: %w", err))
		}
		return nil
	}, nil
}
