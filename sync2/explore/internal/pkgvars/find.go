//go:build turnstile_goroot

package pkgvars

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"unsafe"
)

// PackageOf returns the import path of the package that a symbol belongs to.
func PackageOf(name string) string {
	if i := strings.IndexByte(name, '['); i >= 0 {
		name = name[:i]
	}
	slash := strings.LastIndexByte(name, '/') + 1
	last, _, ok := strings.Cut(name[slash:], ".")
	if !ok {
		return ""
	}
	return name[:slash] + strings.ReplaceAll(last, "%2e", ".")
}

// Find finds the variables of the packages for which mine returns true. start and begun hold their values after
// package initialization, and before the first test.
func Find(mine func(pkg string) bool, start, begun *Image) *Vars {
	v := &Vars{names: make(map[int]string)}
	start.complete()
	begun.complete()
	for i := range v.sections {
		s := &v.sections[i]
		s.from, s.to, s.first, s.pointers = rtSectionAt(i)
		s.start, s.begun = start.sections[i], begun.sections[i]
	}
	if v.sections[1].from == 0 {
		v.err = fmt.Errorf("the process has no copy of them")
		return v
	}
	for i := 0; ; i++ {
		fn := rtInit(i)
		if fn == 0 {
			break
		}
		if f := runtime.FuncForPC(fn); f != nil && mine(PackageOf(f.Name())) {
			v.inits = append(v.inits, i)
			v.names[i] = PackageOf(f.Name())
		}
	}
	syms, err := symbols()
	if err != nil {
		v.err = err
		return v
	}
	v.cover(syms, mine)
	if start != begun {
		v.findWords()
	}
	return v
}

// sectionOf returns the section that an address is in, nil if it is in none.
func (v *Vars) sectionOf(p uintptr) *section {
	for i := range v.sections {
		if s := &v.sections[i]; s.from <= p && p < s.to {
			return s
		}
	}
	return nil
}

// cover finds the parts of memory to restore: the variables, and unnamed objects reachable only through pointers in
// them, such as the T of var p = &T{…}.
func (v *Vars) cover(syms []symbol, mine func(pkg string) bool) {
	slices.SortFunc(syms, func(a, b symbol) int {
		switch {
		case a.from < b.from:
			return -1
		case a.from > b.from:
			return 1
		}
		return 0
	})
	var starts []uintptr // where objects begin
	for i := range syms {
		starts = append(starts, syms[i].from)
	}
	data := &v.sections[1]
	for p := data.from; data.first != nil && p+ptrSize <= data.to; p += ptrSize {
		if to := *(*uintptr)(unsafe.Add(data.first, p-data.from)); v.sectionOf(to) != nil && rtIsPointer(p) {
			starts = append(starts, to)
		}
	}
	for i := range v.sections {
		starts = append(starts, v.sections[i].to)
	}
	slices.Sort(starts)
	starts = slices.Compact(starts)
	next := func(p uintptr) uintptr { // where the next object begins
		i, found := slices.BinarySearch(starts, p)
		if found {
			i++
		}
		if i == len(starts) {
			return p
		}
		return starts[i]
	}
	known := func(p uintptr) bool { // p is in a named variable
		i, found := slices.BinarySearchFunc(syms, p, func(s symbol, p uintptr) int {
			switch {
			case s.from < p:
				return -1
			case s.from > p:
				return 1
			}
			return 0
		})
		if !found {
			i--
		}
		return i >= 0 && (p < syms[i].to || p == syms[i].from)
	}
	var spans []span
	seen := make(map[uintptr]bool)
	var add func(from, to uintptr)
	add = func(from, to uintptr) {
		s := v.sectionOf(from)
		if s == nil || seen[from] || to <= from {
			return
		}
		seen[from] = true
		to = min(to, s.to)
		spans = append(spans, span{from: from, to: to, s: s})
		if s != data || s.first == nil {
			return
		}
		for p := (from + ptrSize - 1) &^ (ptrSize - 1); p+ptrSize <= to; p += ptrSize {
			if !rtIsPointer(p) {
				continue
			}
			if q := *(*uintptr)(unsafe.Add(s.first, p-s.from)); v.sectionOf(q) != nil && !known(q) {
				add(q, next(q))
			}
		}
	}
	cf, ct := rtCounters()
	for i := range syms {
		s := &syms[i]
		if !mine(PackageOf(s.name)) || s.from >= cf && s.from < ct {
			continue
		}
		to := s.to
		if to == s.from {
			to = next(s.from)
		}
		add(s.from, to)
	}
	v.spans = merge(spans)
	for i := range v.spans {
		v.pristine = append(v.pristine, v.spans[i].pristine())
	}
}

// merge sorts spans, and joins those that touch.
func merge(spans []span) []span {
	for i := range spans {
		if s := &spans[i]; s.s.pointers {
			s.from, s.to = s.from&^(ptrSize-1), (s.to+ptrSize-1)&^(ptrSize-1)
		}
	}
	slices.SortFunc(spans, func(a, b span) int {
		if a.from < b.from {
			return -1
		}
		return 1
	})
	out := spans[:0]
	for _, s := range spans {
		if n := len(out); n > 0 && out[n-1].s == s.s && s.from <= out[n-1].to {
			out[n-1].to = max(out[n-1].to, s.to)
			continue
		}
		out = append(out, s)
	}
	return out
}

// findWords finds the words that TestMain has set before the first test.
func (v *Vars) findWords() {
	for i := range v.spans {
		s := &v.spans[i]
		was, now := s.in(s.s.start), s.in(s.s.begun)
		from := (s.from + ptrSize - 1) &^ (ptrSize - 1)
		for p := from; p+ptrSize <= s.to; p += ptrSize {
			o := p - s.from
			if a, b := was[o:o+ptrSize], now[o:o+ptrSize]; string(a) != string(b) {
				w := word{at: p, val: *(*uintptr)(unsafe.Pointer(&b[0])), s: s.s}
				if s.s.pointers && rtIsPointer(p) {
					w.ptr = *(*unsafe.Pointer)(unsafe.Pointer(&b[0])) // the image keeps the object alive
				}
				v.words = append(v.words, w)
			}
		}
	}
}
