//go:build turnstile_goroot

package bridge

import (
	"reflect"
	"unsafe"

	"github.com/turnstile-go/turnstile/sync2/explore/internal/engine"
	"github.com/turnstile-go/turnstile/sync2/trace"
)

//go:linkname rtElem runtime.tsElem
func rtElem(c unsafe.Pointer) unsafe.Pointer

// item is called before a task sends what is at elem to the channel c.
//
//go:norace
func item(thread, c, elem unsafe.Pointer) {
	if t := taskOf(thread); tells(t) {
		t.Plain.Item = textOf(c, elem)
	}
}

// textOf describes the item at elem, which is sent to the channel c. It calls no method of the program, and reads nothing
// that the item refers to. Under the race detector it reads nothing at all, since the detector would see that.
func textOf(c, elem unsafe.Pointer) string {
	if c == nil || elem == nil || engine.UnderRace {
		return ""
	}
	typ := reflect.TypeOf(*(*any)(unsafe.Pointer(&[2]unsafe.Pointer{rtElem(c), nil})))
	v := reflect.NewAt(typ, elem).Elem()
	if v.Kind() == reflect.Interface {
		if v = v.Elem(); !v.IsValid() {
			return "nil"
		}
	}
	if v.Type().Implements(reflect.TypeFor[trace.Texter]()) {
		return v.Type().String()
	}
	return trace.ValueText(v.Interface())
}
