//go:build turnstile_goroot

package pkgvars

import (
	"debug/macho"
	"errors"
)

func symbolsOf(path string) (syms []symbol, err error) {
	f, err := macho.Open(path)
	if err != nil {
		return nil, errors.New("the format of the binary is not known")
	}
	defer f.Close()
	if f.Symtab == nil {
		return nil, errors.New("the binary has no symbols")
	}
	for _, s := range f.Symtab.Syms {
		syms = append(syms, symbol{s.Name, uintptr(s.Value), uintptr(s.Value)})
	}
	return syms, nil
}
