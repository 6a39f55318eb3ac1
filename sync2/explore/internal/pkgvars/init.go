//go:build turnstile_goroot

package pkgvars

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"slices"
	"strings"
)

// A keptFlag is a flag that a package defines when it is initialized, which is possible only once. So the flag is
// removed before that, and gets its value again afterwards.
type keptFlag struct {
	flag  *flag.Flag // the original
	value string     // "" if it was not set
}

const redefined = "flag redefined: " // the panic for a flag that already exists

// definedFlags returns the flags that are defined.
func definedFlags() map[string]*flag.Flag {
	return *(*map[string]*flag.Flag)(reflect.ValueOf(flag.CommandLine).Elem().FieldByName("formal").Addr().UnsafePointer())
}

// keepFlag keeps the flag named by an error, and reports whether there is one.
func (v *Vars) keepFlag(err error) bool {
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

// initialize initializes the packages again by calling init for each.
func (v *Vars) initialize(init func(i int) error) error {
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

// A reinitFailure names a package that cannot be initialized a second time.
type reinitFailure struct {
	pkg string
	v   any
}

func (f *reinitFailure) Error() string {
	line, _, _ := strings.Cut(fmt.Sprint(f.v), "\n")
	return fmt.Sprintf("%s cannot be initialized twice (%s)", f.pkg, line)
}

// TryInit determines whether the packages can be initialized again. If not, the variables are restored to their
// values before the first test.
func (v *Vars) TryInit() {
	v.how, v.why, v.tried = RestoreByInit, "", true
	v.Snapshot()
	if v.err != nil {
		v.FallBack(RestoreNothing, v.err.Error())
		return
	}
	if v.resident {
		return // it has been tried; each attempt leaves goroutines behind
	}
	before := runtime.NumGoroutine()
	err := v.tryRestore()
	v.resident = err == nil && runtime.NumGoroutine() > before
	if err != nil {
		v.FallBack(RestoreAtStart, err.Error())
	}
}

func (v *Vars) tryRestore() (err error) {
	rtHoldFinalizers(true)
	defer rtHoldFinalizers(false)
	flags := flag.CommandLine.Output() // defining a flag twice would print to it
	flag.CommandLine.SetOutput(io.Discard)
	defer flag.CommandLine.SetOutput(flags)
	for {
		rtPutAllBack(v.pristine)
		if err = v.initialize(v.initAgain); !v.keepFlag(err) {
			return err
		}
	}
}

func (v *Vars) initAgain(i int) (err error) {
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
