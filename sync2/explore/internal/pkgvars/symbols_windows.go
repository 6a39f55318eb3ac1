//go:build turnstile_goroot

package pkgvars

import (
	"debug/pe"
	"errors"
)

func symbolsOf(path string) (syms []symbol, err error) {
	f, err := pe.Open(path)
	if err != nil {
		return nil, errors.New("the format of the binary is not known")
	}
	defer f.Close()
	base := uint64(0)
	switch h := f.OptionalHeader.(type) {
	case *pe.OptionalHeader64:
		base = h.ImageBase
	case *pe.OptionalHeader32:
		base = uint64(h.ImageBase)
	}
	for _, s := range f.Symbols {
		if n := int(s.SectionNumber); n >= 1 && n <= len(f.Sections) {
			p := uintptr(base + uint64(f.Sections[n-1].VirtualAddress) + uint64(s.Value))
			syms = append(syms, symbol{s.Name, p, p})
		}
	}
	return syms, nil
}
