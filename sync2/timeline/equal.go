package timeline

import (
	"maps"
	"reflect"
	"slices"
)

// Equal reports whether s and t are equal in every respect.
func (s *State) Equal(t *State) bool {
	return s.last == t.last && s.was == t.was && s.now == t.now && s.lost == t.lost && s.fail == t.fail &&
		maps.Equal(s.sites, t.sites) && reflect.DeepEqual(s.sources, t.sources) &&
		slices.EqualFunc(s.gs, t.gs, func(a, b *Goroutine) bool {
			x, y := *a, *b
			x.tag, y.tag = 0, 0
			return a == b || reflect.DeepEqual(x, y)
		}) &&
		slices.EqualFunc(s.objs, t.objs, func(a, b *Object) bool {
			x, y := *a, *b
			x.tag, y.tag = 0, 0
			return a == b || reflect.DeepEqual(x, y)
		})
}
