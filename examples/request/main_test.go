package main

import (
	"strings"
	"testing"
	"testing/synctest"
)

func TestRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		run(&out, 2, "r1", "r2")
		want := "r1: user <nil>\nr1: R1 <nil>\nr2: user <nil>\nr2: R2 <nil>\nno request: clean up <nil>\n"
		if out.String() != want {
			t.Errorf("got\n%s\nwant\n%s", out.String(), want)
		}
	})
}
