package trace

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/turnstile-go/turnstile/sync2/internal/hook"
)

// A Texter is a value that describes itself in traces. All other values are described without reading any memory that
// they refer to; see [ValueText].
//
// TraceText is called by the goroutine that passes the value to a primitive, while a trace is running and before the
// primitive takes any lock. If it panics, the trace shows the value's type instead. It must be safe to call at that
// moment, since the program itself would not have read the value there.
type Texter interface {
	TraceText() string
}

const (
	valueBound = 200  // bytes of a value's description
	textBound  = 1000 // bytes of any other text
)

// ValueText describes v for a trace, in at most about 200 bytes. It returns "" if no trace is running.
//
// It reads only v itself and nothing that v refers to, so describing a value can neither race with the program nor call
// into it. Booleans, numbers and strings are shown as fmt prints them, structs and arrays by their elements, slices by
// type and length, and pointers, maps, channels and functions by type and address. The only method it calls is that of
// a [Texter]; [time.Duration] and [time.Time] are shown in their usual form.
func ValueText(v any) string {
	if !hook.On(hook.Trace) {
		return ""
	}
	switch v := v.(type) {
	case Texter:
		return cut(guarded(v, "TraceText", v.TraceText), valueBound)
	case string:
		return cut(v, valueBound)
	case time.Duration:
		return v.String()
	case time.Time:
		return v.Format(time.RFC3339Nano)
	}
	return cut(string(appendValue(nil, reflect.ValueOf(v))), valueBound)
}

// ErrorText describes err for a trace, in at most about 1000 bytes. It returns "" if err is nil or no trace is running.
//
// Like [ValueText] it does not call the program's methods, since an Error method may take a lock that the program
// holds, or read memory that another goroutine is writing. It returns the result of TraceText if err is a [Texter], and
// the error's text if that cannot change: if err was made by errors.New, errors.Join or fmt.Errorf, or is one of the
// errors of packages context, runtime and syscall. For any other error it returns the type.
func ErrorText(err error) string {
	if err == nil || !hook.On(hook.Trace) {
		return ""
	}
	switch err := any(err).(type) { // err itself: errors.As would call the program's methods
	case Texter:
		return cut(guarded(err, "TraceText", err.TraceText), textBound)
	case interface{ Unwrap() []error }:
		if reflect.TypeOf(err) == joined {
			return cut(joinedText(err.Unwrap()), textBound)
		}
	}
	if hasFixedText(err) {
		return cut(guarded(err, "Error", err.Error), textBound)
	}
	return fmt.Sprintf("%T", err)
}

// joined is the type of the result of errors.Join. Its Error method calls those of the errors in it.
var joined = reflect.TypeOf(errors.Join(errors.New("")))

// joinedText returns the texts of the errors, one per line.
func joinedText(errs []error) string {
	var b strings.Builder
	for i, err := range errs {
		if b.Len() > textBound {
			break
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(ErrorText(err))
	}
	return b.String()
}

// hasFixedText reports whether err is of a package whose Error methods, except that of errors.Join, call nothing and
// read nothing that changes.
func hasFixedText(err error) bool {
	t := reflect.TypeOf(err)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.PkgPath() {
	case "context", "errors", "fmt", "runtime", "syscall":
		return t != joined.Elem()
	}
	return false
}

// guarded returns the result of text, a method of v, or a description of v if the method panics.
func guarded(v any, method string, text func() string) (s string) {
	returned := false
	defer func() {
		if !returned && recover() != nil { // it is nil if the goroutine is about to exit
			s = fmt.Sprintf("%T (%s panicked)", v, method)
		}
	}()
	s = text()
	returned = true
	return s
}

// appendValue appends a description of v, which may stop early once there are valueBound bytes.
func appendValue(b []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.Invalid:
		return append(b, "<nil>"...)
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(b, v.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return strconv.AppendUint(b, v.Uint(), 10)
	case reflect.Float32:
		return strconv.AppendFloat(b, v.Float(), 'g', -1, 32)
	case reflect.Float64:
		return strconv.AppendFloat(b, v.Float(), 'g', -1, 64)
	case reflect.Complex64:
		return append(b, strconv.FormatComplex(v.Complex(), 'g', -1, 64)...)
	case reflect.Complex128:
		return append(b, strconv.FormatComplex(v.Complex(), 'g', -1, 128)...)
	case reflect.String:
		s := v.String()
		return append(b, s[:min(len(s), valueBound+utf8.UTFMax)]...)
	case reflect.Interface:
		return appendValue(b, v.Elem())
	case reflect.Struct:
		return appendElements(b, '{', '}', v.NumField(), v.Field)
	case reflect.Array:
		return appendElements(b, '[', ']', v.Len(), v.Index)
	case reflect.Slice:
		if v.IsNil() {
			return append(append(b, v.Type().String()...), "(nil)"...)
		}
		return fmt.Appendf(b, "%s(len %d)", v.Type(), v.Len())
	default: // Pointer, Map, Chan, Func, UnsafePointer
		if v.IsNil() {
			return append(append(b, v.Type().String()...), "(nil)"...)
		}
		return fmt.Appendf(b, "%s(%#x)", v.Type(), v.Pointer())
	}
}

// appendElements appends the n elements of a struct or an array.
func appendElements(b []byte, left, right byte, n int, element func(int) reflect.Value) []byte {
	b = append(b, left)
	for i := range n {
		if i > 0 {
			b = append(b, ' ')
		}
		if b = appendValue(b, element(i)); len(b) > valueBound {
			return b
		}
	}
	return append(b, right)
}

// cut returns s or, if it is longer than bound, a copy of its beginning that ends at a character boundary.
func cut(s string, bound int) string {
	if len(s) <= bound {
		return s
	}
	n := bound
	for n > bound-utf8.UTFMax && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.Clone(s[:n]) + "…" // a copy, since s may be large
}
