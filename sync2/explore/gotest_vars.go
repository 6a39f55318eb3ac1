//go:build turnstile_goroot

package explore

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"unsafe"
)

// The variables of packages are put back before each run: their bytes as they were when the process began, then the
// functions that initialize the packages once more. Only those of the tested module and of the modules it depends on
// are; the standard library's are what they are.

//go:linkname rtSectionAt runtime.tsSectionAt
func rtSectionAt(i int) (from, to uintptr, first unsafe.Pointer, pointers bool)

//go:linkname rtSpace runtime.tsSpace
func rtSpace(n uintptr) unsafe.Pointer

//go:linkname rtCounters runtime.tsCounters
func rtCounters() (from, to uintptr)

//go:linkname rtPutBack runtime.tsPutBack
func rtPutBack(dst, src unsafe.Pointer, n uintptr, pointers bool)

//go:linkname rtPutAllBack runtime.tsPutAllBack
func rtPutAllBack(spans []pristine)

//go:linkname rtHoldFinalizers runtime.tsHoldFinalizers
func rtHoldFinalizers(hold bool)

//go:linkname rtInit runtime.tsInit
func rtInit(i int) uintptr

//go:linkname rtInitAgain runtime.tsInitAgain
func rtInitAgain(i int)

//go:linkname rtInitOver runtime.tsInitOver
func rtInitOver(i int)

//go:linkname rtHasFunc runtime.tsHasFunc
func rtHasFunc(suffix string) bool

//go:linkname rtHide runtime.tsHide
func rtHide(hide bool)

//go:linkname rtLocked runtime.tsLocked
func rtLocked() bool

//go:linkname rtMeasuredAt runtime.tsMeasuredAt
func rtMeasuredAt(pcs []uintptr) int

//go:linkname rtHasMeasured runtime.tsHasMeasured
func rtHasMeasured() bool

//go:linkname rtIsPointer runtime.tsIsPointer
func rtIsPointer(at uintptr) bool

//go:linkname rtOfHeap runtime.tsOfHeap
func rtOfHeap(p unsafe.Pointer) bool

// A section is a part of the memory that holds variables.
type section struct {
	from, to uintptr
	first    unsafe.Pointer // what was there at first; nil: zeros
	start    []byte         // what was there when all packages had been initialized
	begun    []byte         // what was there before the first test: what TestMain has set besides
	pointers bool
}

// An image is what the variables were at some time, and what they pointed to in the heap, so that this is kept. It is outside the
// heap: it has more than 32 MB, of which few are touched.
type image struct {
	sections [4][]byte
	kept     []unsafe.Pointer
}

// takeImage returns what the variables are.
func takeImage() *image {
	m := new(image)
	for i := range m.sections {
		from, to, first, pointers := rtSectionAt(i)
		if from == to {
			continue
		}
		now := unsafe.Slice((*byte)(at(from)), to-from)
		m.sections[i] = unsafe.Slice((*byte)(rtSpace(to-from)), to-from)
		if first != nil {
			copy(m.sections[i], now)
		} else {
			copyTouched(m.sections[i], now)
		}
		for p := (from + ptrSize - 1) &^ (ptrSize - 1); pointers && p+ptrSize <= to; p += ptrSize {
			if q := *(*unsafe.Pointer)(at(p)); q != nil && rtIsPointer(p) && rtOfHeap(q) { // most do not point there, and each takes the collector time
				m.kept = append(m.kept, q)
			}
		}
	}
	return m
}

// A span is a part of a section.
type span struct {
	from, to uintptr
	s        *section
	saved    []byte // what was there when the first run of the test had ended
}

// at returns the memory at an address, which is none of the heap.
//
//go:nocheckptr
func at(p uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&p)) }

func (s *span) now() []byte { return unsafe.Slice((*byte)(at(s.from)), s.to-s.from) }

// in returns of what was in the section what belongs to s.
func (s *span) in(section []byte) []byte { return section[s.from-s.s.from : s.to-s.s.from] }

// A word is a pointer-sized part of a variable that TestMain has set.
type word struct {
	at  uintptr
	val uintptr
	ptr unsafe.Pointer // val, if it is a pointer
	s   *section
}

// A restoring says how the variables are put back.
type restoring uint8

const (
	restoreByInit   restoring = iota // as they were at first, and then initialized again
	restoreAtStart                   // as they were before the first test
	restoreSnapshot                  // as they were when the first run of the test had ended
	restoreNothing
)

// vars are the variables of the packages that are not the standard library's.
type vars struct {
	err      error // why they cannot be found
	sections [4]section
	spans    []span
	pristine []pristine     // of spans
	inits    []int          // the packages that are initialized, in order
	names    map[int]string // what they are called
	words    []word         // that TestMain has set
	kept     []unsafe.Pointer
	flags    []*keptFlag
	resident bool // the packages start goroutines when they are initialized
	how      restoring
	why      string // it is not restoreByInit
}

// A keptFlag is a flag that a package defines when it is initialized, which it cannot do twice. So it is taken away before
// that, and gets its value again.
type keptFlag struct {
	flag  *flag.Flag // the first
	value string     // "" if it was not set
}

const redefined = "flag redefined: " // what a panic says if a flag is there already

// definedFlags returns the flags that are defined.
func definedFlags() map[string]*flag.Flag {
	return *(*map[string]*flag.Flag)(reflect.ValueOf(flag.CommandLine).Elem().FieldByName("formal").Addr().UnsafePointer())
}

// keepFlag keeps the flag that an error is about, and reports whether there is one.
func (v *vars) keepFlag(err error) bool {
	f, ok := errors.AsType[*reinitFailure](err)
	if !ok {
		return false
	}
	_, name, ok := strings.Cut(fmt.Sprint(f.v), redefined)
	old := definedFlags()[name]
	if !ok || old == nil || slices.ContainsFunc(v.flags, func(k *keptFlag) bool { return k.flag.Name == name }) {
		return false
	}
	k := &keptFlag{flag: old}
	flag.Visit(func(set *flag.Flag) {
		if set == old {
			k.value = old.Value.String()
		}
	})
	v.flags = append(v.flags, k)
	return true
}

// initialize initializes the packages again, by init, which does so with one.
func (v *vars) initialize(init func(i int) error) error {
	var defined map[string]*flag.Flag
	if len(v.flags) > 0 {
		defined = definedFlags()
	}
	for _, k := range v.flags {
		delete(defined, k.flag.Name)
	}
	for _, i := range v.inits {
		if err := init(i); err != nil {
			return err
		}
	}
	for _, k := range v.flags {
		if k.value == "" || defined[k.flag.Name] == nil {
			continue
		}
		if err := flag.Set(k.flag.Name, k.value); err != nil {
			return fmt.Errorf("the flag %s cannot be set again: %w", k.flag.Name, err)
		}
	}
	return nil
}

// A symbol is a variable as the symbol table of the binary has it.
type symbol struct {
	name     string
	from, to uintptr // to is from if the size is not known
}

// packageOf returns the import path of the package that a symbol belongs to.
func packageOf(name string) string {
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

// findVars finds the variables of the packages for which mine is true. What they were when the packages had been initialized,
// and before the first test, is in start and begun.
func findVars(mine func(pkg string) bool, start, begun *image) *vars {
	v := &vars{names: make(map[int]string)}
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
		if f := runtime.FuncForPC(fn); f != nil && mine(packageOf(f.Name())) {
			v.inits = append(v.inits, i)
			v.names[i] = packageOf(f.Name())
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
func (v *vars) sectionOf(p uintptr) *section {
	for i := range v.sections {
		if s := &v.sections[i]; s.from <= p && p < s.to {
			return s
		}
	}
	return nil
}

const ptrSize = unsafe.Sizeof(uintptr(0))

// cover finds the parts of memory to restore: the variables, and what has no name and is only found by pointers from
// these, such as what T{…} stands for in var p = &T{…}.
func (v *vars) cover(syms []symbol, mine func(pkg string) bool) {
	slices.SortFunc(syms, func(a, b symbol) int {
		switch {
		case a.from < b.from:
			return -1
		case a.from > b.from:
			return 1
		}
		return 0
	})
	var starts []uintptr // where something begins
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
	next := func(p uintptr) uintptr { // where the next begins
		i, found := slices.BinarySearch(starts, p)
		if found {
			i++
		}
		if i == len(starts) {
			return p
		}
		return starts[i]
	}
	known := func(p uintptr) bool { // p is in a variable that has a name
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
		if !mine(packageOf(s.name)) || s.from >= cf && s.from < ct {
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

// findWords finds out what TestMain has set by the time of the first test.
func (v *vars) findWords() {
	for i := range v.spans {
		s := &v.spans[i]
		was, now := s.in(s.s.start), s.in(s.s.begun)
		from := (s.from + ptrSize - 1) &^ (ptrSize - 1)
		for p := from; p+ptrSize <= s.to; p += ptrSize {
			o := p - s.from
			if a, b := was[o:o+ptrSize], now[o:o+ptrSize]; string(a) != string(b) {
				w := word{at: p, val: *(*uintptr)(unsafe.Pointer(&b[0])), s: s.s}
				if s.s.pointers && rtIsPointer(p) {
					w.ptr = *(*unsafe.Pointer)(unsafe.Pointer(&b[0])) // the image keeps what it points to
				}
				v.words = append(v.words, w)
			}
		}
	}
}

// snapshot keeps what the variables are now.
func (v *vars) snapshot() {
	v.kept = v.kept[:0]
	for i := range v.spans {
		s := &v.spans[i]
		s.saved = append(s.saved[:0], s.now()...)
		if !s.s.pointers {
			continue
		}
		for p := s.from; p+ptrSize <= s.to; p += ptrSize {
			if q := *(*unsafe.Pointer)(at(p)); rtIsPointer(p) && rtOfHeap(q) {
				v.kept = append(v.kept, q)
			}
		}
	}
}

// A reinitFailure says which package cannot be initialized a second time.
type reinitFailure struct {
	pkg string
	v   any
}

func (f *reinitFailure) Error() string {
	return fmt.Sprintf("%s cannot be initialized twice (%s)", f.pkg, firstLine(fmt.Sprint(f.v)))
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// restore puts the variables back.
func (v *vars) restore() {
	rtHoldFinalizers(true)
	defer rtHoldFinalizers(false)
	switch v.how {
	case restoreByInit:
		rtPutAllBack(v.pristine)
		_ = v.initialize(func(i int) error { rtInitAgain(i); return nil }) // it could be done before
		for i := range v.words {
			w := &v.words[i]
			src := unsafe.Pointer(&w.val)
			if w.ptr != nil {
				src = unsafe.Pointer(&w.ptr)
			}
			rtPutBack(at(w.at), src, ptrSize, w.s.pointers)
		}
	case restoreAtStart:
		for i := range v.spans {
			s := &v.spans[i]
			s.put(s.in(s.s.begun))
		}
	case restoreSnapshot:
		v.putSaved()
	case restoreNothing:
	}
}

// leave makes the variables what the first run of the test has left, which is there for the next test.
func (v *vars) leave() {
	rtHoldFinalizers(true)
	defer rtHoldFinalizers(false)
	v.putSaved()
}

func (v *vars) putSaved() {
	for i := range v.spans {
		v.spans[i].put(v.spans[i].saved)
	}
}

// put makes the variables what they were once.
func (s *span) put(was []byte) {
	if len(was) > 0 {
		rtPutBack(at(s.from), unsafe.Pointer(&was[0]), uintptr(len(was)), s.s.pointers)
	}
}

// afresh is restore for a test that others came before: what they have left is not to be there.
func (v *vars) afresh() {
	how := v.how
	v.how = min(v.how, restoreAtStart)
	v.restore()
	v.how = how
}

// A pristine span is one as it was before the packages were initialized. It is the twin of the runtime's tsSpan.
type pristine struct {
	at, was  unsafe.Pointer // was is nil: zeros
	n        uintptr
	pointers bool
}

func (s *span) pristine() pristine {
	p := pristine{at: at(s.from), n: s.to - s.from, pointers: s.s.pointers}
	if s.s.first != nil {
		p.was = unsafe.Add(s.s.first, s.from-s.s.from)
	}
	return p
}

// tryInit finds out whether the packages can be initialized again. If not, the variables are put back as they were before
// the first test.
func (v *vars) tryInit() {
	v.snapshot()
	if v.err != nil {
		v.fallBack(restoreNothing, v.err.Error())
		return
	}
	if v.resident {
		return // it has been tried; each time leaves goroutines behind
	}
	before := runtime.NumGoroutine()
	err := v.tryRestore()
	v.resident = err == nil && runtime.NumGoroutine() > before
	if err != nil {
		v.fallBack(restoreAtStart, err.Error())
	}
}

func (v *vars) tryRestore() (err error) {
	rtHoldFinalizers(true)
	defer rtHoldFinalizers(false)
	flags := flag.CommandLine.Output() // who defines a flag a second time would tell the user
	flag.CommandLine.SetOutput(io.Discard)
	defer flag.CommandLine.SetOutput(flags)
	for {
		rtPutAllBack(v.pristine)
		if err = v.initialize(v.initAgain); !v.keepFlag(err) {
			return err
		}
	}
}

func (v *vars) initAgain(i int) (err error) {
	returned := false
	defer func() {
		if returned {
			return
		}
		rtInitOver(i)
		err = &reinitFailure{v.names[i], recover()}
	}()
	rtInitAgain(i)
	returned = true
	return nil
}

// fallBack has the variables put back in another way from now on.
func (v *vars) fallBack(how restoring, why string) {
	for _, k := range v.flags {
		definedFlags()[k.flag.Name] = k.flag
	}
	v.flags = nil
	v.how, v.why = how, why
	v.restore()
}

// note says how the variables are put back, if that is not the usual way.
func (v *vars) note() string {
	switch v.how {
	case restoreAtStart:
		return "package variables are put back as they were before the first test, since " + v.why
	case restoreSnapshot:
		return "package variables are put back as they were when the test had been run once, since " + v.why
	case restoreNothing:
		return "package variables are not put back between orders, since " + v.why
	case restoreByInit:
	}
	return ""
}

// anchor is a variable whose address the symbol table has and the process knows.
var anchor byte

// anchorName is what the symbol table calls it.
var anchorName = reflect.TypeFor[vars]().PkgPath() + ".anchor"
