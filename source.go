// Package turnstile holds the source text of the explorer, for the program turnstile: "turnstile test" builds it into the
// standard library that it tests programs with. Nothing else needs this package.
package turnstile

import "embed"

// Source holds the source files of package sync2/explore and of those of this module's packages that it imports, by their
// paths in this module, and their tests, which are not needed: patterns cannot exclude them, and a list of files would
// miss the next one.
//
//go:embed internal/anytest/*.go internal/place/*.go internal/safetext/*.go
//go:embed sync2/*.go sync2/trace/*.go sync2/trace/tracefile/*.go sync2/timeline/*.go
//go:embed sync2/internal/caller/*.go sync2/internal/caller/*.s sync2/internal/goid/*.go sync2/internal/goid/*.s
//go:embed sync2/internal/hook/*.go sync2/internal/steps/*.go sync2/internal/waitgraph/*.go sync2/internal/waitq/*.go
//go:embed sync2/explore/*.go sync2/explore/internal/bridge/*.go sync2/explore/internal/engine/*.go
//go:embed sync2/explore/internal/pkgvars/*.go sync2/explore/internal/search/*.go
var Source embed.FS
