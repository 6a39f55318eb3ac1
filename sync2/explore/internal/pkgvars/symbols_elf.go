//go:build turnstile_goroot && !darwin && !windows

package pkgvars

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// An elfLayout holds the offsets of the needed fields in the structures of an ELF file.
type elfLayout struct {
	header, sectionsAt, sectionSize, sections int // of the file
	offset, size, link                        int // of a section
	symbol, value, length, info               int // of a symbol
	word                                      func(b []byte) uint64
}

var (
	elf32 = elfLayout{52, 32, 46, 48, 16, 20, 24, 16, 4, 8, 12, func(b []byte) uint64 { return uint64(binary.NativeEndian.Uint32(b)) }}
	elf64 = elfLayout{64, 40, 58, 60, 24, 32, 40, 24, 8, 16, 4, binary.NativeEndian.Uint64}
)

// errELF reports a file that the linker cannot have written.
var errELF = errors.New("the format of the binary is not known")

// symbolsOf returns the variables of an ELF file for the current machine. Package debug/elf could do that, but makes
// every test binary a tenth larger, and linking as much slower.
func symbolsOf(path string) (syms []symbol, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	defer func() {
		if recover() != nil { // an offset is out of range
			syms, err = nil, errELF
		}
	}()
	head := make([]byte, 64)
	if _, err := io.ReadFull(f, head); err != nil || string(head[:4]) != "\x7fELF" {
		return nil, errELF
	}
	l := &elf64
	if head[4] == 1 {
		l = &elf32
	}
	short, long := binary.NativeEndian.Uint16, binary.NativeEndian.Uint32
	size := int(short(head[l.sectionSize:]))
	sections, err := readAt(f, l.word(head[l.sectionsAt:]), uint64(size)*uint64(short(head[l.sections:])))
	if err != nil {
		return nil, err
	}
	section := func(i int) ([]byte, error) {
		s := sections[i*size:]
		return readAt(f, l.word(s[l.offset:]), l.word(s[l.size:]))
	}
	for i := range len(sections) / size {
		const symtab = 2
		s := sections[i*size:]
		if long(s[4:]) != symtab {
			continue
		}
		table, err := section(i)
		if err != nil {
			return nil, err
		}
		b, err := section(int(long(s[l.link:])))
		if err != nil {
			return nil, err
		}
		names := string(b)
		for ; len(table) >= l.symbol; table = table[l.symbol:] {
			const noType, object = 0, 1
			if kind := table[l.info] & 0xf; kind != noType && kind != object {
				continue
			}
			name := names[long(table):]
			name = name[:strings.IndexByte(name, 0)]
			from := uintptr(l.word(table[l.value:]))
			syms = append(syms, symbol{name, from, from + uintptr(l.word(table[l.length:]))})
		}
		return syms, nil
	}
	return nil, errors.New("the symbols of the binary cannot be read: it has none")
}

// readAt returns n bytes of f.
func readAt(f *os.File, offset, n uint64) ([]byte, error) {
	if n > 1<<30 {
		return nil, errELF
	}
	b := make([]byte, n)
	if _, err := f.ReadAt(b, int64(offset)); err != nil { //nolint:gosec // a negative offset is an error
		return nil, fmt.Errorf("the symbols of the binary cannot be read: %w", err)
	}
	return b, nil
}
