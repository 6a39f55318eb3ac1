package waitgraph

import (
	"fmt"
	"testing"
)

func one(of ...string) Need[string]  { return Need[string]{Of: of} }
func each(of ...string) Need[string] { return Need[string]{Of: of, All: true} }

func TestFind(t *testing.T) {
	for _, c := range []struct {
		name  string
		needs map[string]Need[string]
		want  string
	}{
		{"nobody", nil, "[]"},
		{"a chain", map[string]Need[string]{"a": one("b"), "b": one("c")}, "[]"},
		{"not known", map[string]Need[string]{"a": one()}, "[]"},
		{"alone", map[string]Need[string]{"a": one("a")}, "[[a]]"},
		{"two", map[string]Need[string]{"a": one("b"), "b": one("a")}, "[[a b]]"},
		{"one before them", map[string]Need[string]{"a": one("b"), "b": one("c"), "c": one("b")}, "[[b c]]"},
		{"two cycles", map[string]Need[string]{"a": one("c"), "b": one("d"), "c": one("a"), "d": one("b")}, "[[a c] [b d]]"},
		{"one of two can go on", map[string]Need[string]{"a": one("b", "c"), "b": one("a")}, "[]"},
		{"none of two", map[string]Need[string]{"a": one("b", "c"), "b": one("a"), "c": one("a")}, "[[a b]]"},
		{"each, and one can go on", map[string]Need[string]{"a": each("c", "b"), "b": one("a")}, "[[a b]]"},
		{"each, and all can", map[string]Need[string]{"a": each("b", "c"), "b": one("d")}, "[]"},
	} {
		if got := fmt.Sprint(Find([]string{"a", "b", "c", "d"}, c.needs)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
