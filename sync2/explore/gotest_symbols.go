//go:build turnstile_goroot

package explore

import (
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"errors"
	"fmt"
	"os"
	"unsafe"
)

// symbols returns the variables that the symbol table of the running binary has.
func symbols() ([]symbol, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	syms, err := symbolsOf(path)
	if err != nil {
		return nil, err
	}
	for i := range syms {
		if syms[i].name != anchorName {
			continue
		}
		slide := uintptr(unsafe.Pointer(&anchor)) - syms[i].from
		for j := range syms {
			syms[j].from += slide
			syms[j].to += slide
		}
		return syms, nil
	}
	return nil, errors.New("the binary has no symbols; go test -o keeps them")
}

func symbolsOf(path string) (syms []symbol, err error) {
	if f, err := elf.Open(path); err == nil {
		defer f.Close()
		all, err := f.Symbols()
		if err != nil {
			return nil, fmt.Errorf("the symbols of the binary cannot be read: %w", err)
		}
		for _, s := range all {
			if elf.ST_TYPE(s.Info) == elf.STT_OBJECT || elf.ST_TYPE(s.Info) == elf.STT_NOTYPE {
				syms = append(syms, symbol{s.Name, uintptr(s.Value), uintptr(s.Value + s.Size)})
			}
		}
		return syms, nil
	}
	if f, err := macho.Open(path); err == nil {
		defer f.Close()
		if f.Symtab == nil {
			return nil, errors.New("the binary has no symbols")
		}
		for _, s := range f.Symtab.Syms {
			syms = append(syms, symbol{s.Name, uintptr(s.Value), uintptr(s.Value)})
		}
		return syms, nil
	}
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
