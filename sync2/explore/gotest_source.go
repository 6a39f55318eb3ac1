//go:build turnstile_goroot

package explore

import (
	"crypto/sha256"
	"os"
	"path"
	"runtime"
	"slices"
	"strings"
	_ "unsafe" // for go:linkname

	"github.com/turnstile-go/turnstile/internal/place"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/pkgvars"
	"github.com/turnstile-go/turnstile/sync2/explore/internal/search"
)

//go:linkname rtFunc runtime.tsFunc
func rtFunc(i int) uintptr

// mostSources is the maximum number of files for which a token has a hash each; for more files it has one hash of
// all.
const mostSources = 16

// A source is a file of the main module.
type source struct {
	name string // import path and base name
	hash [2]byte
}

// sources returns the files of the main module from which the binary was built, according to its functions, with a
// hash of their current content. It returns nil if they cannot be read.
func (b *testBinary) sources() []source {
	files := make(map[string]string) // by name
	for i := 0; ; i++ {
		pc := rtFunc(i)
		if pc == 0 {
			break
		}
		f := runtime.FuncForPC(pc)
		if f == nil || !b.ofMain(f.Name()) {
			continue
		}
		file, _ := f.FileLine(pc)
		if strings.HasSuffix(file, ".go") && !strings.HasSuffix(file, "_testmain.go") {
			files[pkgvars.PackageOf(f.Name())+"/"+path.Base(file)] = file
		}
	}
	var all []source
	for name, file := range files {
		text, err := os.ReadFile(place.OnDisk(file))
		if err != nil {
			return nil
		}
		sum := sha256.Sum256(text)
		all = append(all, source{name, [2]byte(sum[:2])})
	}
	slices.SortFunc(all, func(a, b source) int { return strings.Compare(a.name, b.name) })
	return all
}

// sourceHashes returns the hashes for a token.
func (b *testBinary) sourceHashes() []byte {
	all := b.sources()
	var h []byte
	for i := range all {
		h = append(h, all[i].hash[:]...)
	}
	if len(all) > mostSources {
		sum := sha256.Sum256(h)
		return sum[:5] // the odd length distinguishes the two kinds
	}
	return h
}

// changed describes which files have changed since a token was made, "" if none has.
func (b *testBinary) changed(t *search.Token) string {
	now := b.sourceHashes()
	if len(t.Sources) == 0 || len(now) == 0 || string(now) == string(t.Sources) {
		return ""
	}
	which := ""
	if all := b.sources(); len(all)*2 == len(t.Sources) && len(all) <= mostSources {
		var names []string
		for i := range all {
			if string(all[i].hash[:]) != string(t.Sources[2*i:2*i+2]) {
				names = append(names, path.Base(all[i].name))
			}
		}
		which = " (" + joinNames(names) + ")"
	}
	return "the program has changed since the token was made" + which + "; it may not fail the same way"
}
