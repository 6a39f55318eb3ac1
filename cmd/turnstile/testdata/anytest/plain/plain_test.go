package plain

import (
	"flag"
	"fmt"
	"io"
	"os"
	"testing"
)

var custom = flag.String("custom", "", "a flag of this test binary")

func TestPass(t *testing.T) {
	if Sum(1, 2, 3) != 6 {
		t.Error("the sum is wrong")
	}
}

func TestFail(t *testing.T) {
	if *custom == "fail" {
		t.Errorf("it fails, since -custom=%s", *custom)
	}
	if *custom == "panic" {
		panic("it panics")
	}
	if *custom == "exit" {
		os.Exit(7)
	}
}

func TestSkip(t *testing.T) { t.Skip("not today") }

func TestOutput(t *testing.T) {
	fmt.Println("printed")
	fmt.Fprintln(os.Stderr, "printed as an error")
	t.Log("logged")
	t.Run("sub", func(t *testing.T) { t.Log("logged below", flag.Args()) })
}

func TestShort(t *testing.T) { t.Log("short:", testing.Short()) }

func TestInput(t *testing.T) {
	in, err := io.ReadAll(os.Stdin)
	t.Logf("%q, %v", in, err)
}

func BenchmarkSum(b *testing.B) {
	for b.Loop() {
		Sum(1, 2, 3)
	}
}

func FuzzSum(f *testing.F) {
	f.Add(1, 2)
	f.Fuzz(func(t *testing.T, a, b int) {
		if Sum(a, b) != a+b {
			t.Error("the sum is wrong")
		}
	})
}

func ExampleSum() {
	fmt.Println(Sum(1, 2))
	// Output: 3
}
