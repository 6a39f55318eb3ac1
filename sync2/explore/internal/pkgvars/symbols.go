//go:build turnstile_goroot

package pkgvars

import (
	"errors"
	"os"
	"reflect"
	"unsafe"
)

// symbols returns the variables in the symbol table of the running binary.
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

// A symbol is a variable in the symbol table of the binary.
type symbol struct {
	name     string
	from, to uintptr // to is from if the size is not known
}

// anchor is a variable whose address both the symbol table and the process know.
var anchor byte

// anchorName is its name in the symbol table.
var anchorName = reflect.TypeFor[Vars]().PkgPath() + ".anchor"
