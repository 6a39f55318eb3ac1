package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	helper := os.Getenv(helperEnv)
	if helper == "forgetful worker" && boot != "" {
		time.Sleep(time.Hour) // it never calls Main, until its parent kills it
	}
	if helper != "forgetful" {
		Main()
	}
	if helper != "" {
		help(helper)
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// patience is the time for which tests wait for an event that is certain to come. It only keeps them from hanging, even on a slow machine.
const patience = 2 * time.Minute

// helperEnv is an environment variable that makes the test binary run as another program.
const helperEnv = "PROCESS_TEST_HELPER"

// helperCommand returns a command that runs the test program as another one.
func helperCommand(t *testing.T, helper string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), helperEnv+"="+helper)
	return cmd
}

// help runs as one of the other programs.
func help(helper string) {
	switch helper {
	case "forgetful":
		fmt.Println(misusePanic(func() { NewExecutor(1) }))
	case "forgetful worker":
		handshakeTime = 100 * time.Millisecond
		e := NewExecutor(1)
		_, err := Submit(e, square, 1).Result()
		fmt.Println(err)
		e.Shutdown()
	case "parent":
		e := NewExecutor(3)
		for range 3 {
			Submit(e, spin, struct{}{})
		}
		p, err := Start("napper", nap, time.Hour)
		fmt.Println(append(e.Pids(), p.Pid()), err)
		select {}
	case "closed":
		_, _, _ = os.Stdin.Close(), os.Stdout.Close(), os.Stderr.Close()
		e := NewExecutor(1, WithStdout(nil), WithStderr(nil))
		n, err := Submit(e, square, 7).Result()
		e.Shutdown()
		if n != 49 || err != nil {
			os.Exit(9)
		}
	}
}

var errOdd = RegisterError("odd", errors.New("the number is odd"))

type point struct {
	X, Y int
	Next *point
}

type parcel struct {
	Label string
	Data  []byte
}

var hidden int // a variable of each process's own

var (
	square = Register("square", func(_ context.Context, n int) (int, error) { return n * n, nil })
	half   = Register("half", func(_ context.Context, n int) (int, error) {
		if n%2 != 0 {
			return 0, fmt.Errorf("half of %d: %w", n, errOdd)
		}
		return n / 2, nil
	})
	pid    = Register("pid", func(context.Context, struct{}) (int, error) { return os.Getpid(), nil })
	nobody = Register("nobody", func(_ context.Context, p *point) (*point, error) { return p, nil })
	mirror = Register("mirror", func(_ context.Context, p point) (*point, error) { return &point{X: p.Y, Y: p.X, Next: &p}, nil })
	panics = Register("panics", func(_ context.Context, v string) (int, error) { panic(v) })
	exits  = Register("exits", func(_ context.Context, code int) (int, error) { os.Exit(code); return 0, nil })
	goexit = Register("goexit", func(context.Context, int) (int, error) { runtime.Goexit(); return 0, nil })
	upper  = Register("upper", func(_ context.Context, s string) (string, error) { return strings.ToUpper(s), nil })
	invert = Register("invert", func(_ context.Context, b []byte) ([]byte, error) {
		for i := range b {
			b[i] = ^b[i]
		}
		return b, nil
	})
	double = Register("double", func(_ context.Context, f []float64) ([]float64, error) {
		for i := range f {
			f[i] *= 2
		}
		return f, nil
	})
	suicide = Register("suicide", func(context.Context, struct{}) (int, error) {
		killPid(os.Getpid())
		select {}
	})
	untilCanceled = Register("until canceled", func(ctx context.Context, _ struct{}) (string, error) {
		<-ctx.Done()
		return context.Cause(ctx).Error(), ctx.Err()
	})
	nap    = Register("nap", func(_ context.Context, d time.Duration) (time.Duration, error) { time.Sleep(d); return d, nil }) // it is what the task does
	count  = Register("count", func(context.Context, struct{}) (int, error) { hidden++; return hidden, nil })
	chans  = Register("chans", func(_ context.Context, c struct{ C chan int }) (int, error) { return 0, nil })
	anyIn  = Register("any", func(_ context.Context, v any) (string, error) { return fmt.Sprintf("%T %v", v, v), nil })
	anyOut = Register("any out", func(_ context.Context, n int) (any, error) {
		if n == 0 {
			return struct{ N int }{1}, nil // gob does not know of it
		}
		return n, nil
	})
	prints = Register("prints", func(_ context.Context, s string) (int, error) {
		fmt.Print(s)
		n, err := os.Stdin.Read(make([]byte, 1))
		if n != 0 || !errors.Is(err, io.EOF) {
			return n, errors.New("there is something to read")
		}
		return fmt.Fprint(os.Stderr, s)
	})
	getenv = Register("getenv", func(_ context.Context, name string) (string, error) { return os.Getenv(name), nil })
	nested = Register("nested", func(_ context.Context, n int) (string, error) {
		e := NewExecutor(1, WithName("inner"))
		defer e.Shutdown()
		v, err := Submit(e, square, n).Result()
		name, err2 := Submit(e, whoami, struct{}{}).Result()
		return fmt.Sprint(v, " by ", name, " of ", Current().Name()), errors.Join(err, err2)
	})
	whoami  = Register("whoami", func(context.Context, struct{}) (string, error) { return Current().Name(), nil })
	measure = Register("measure", func(_ context.Context, b []byte) (int, error) { return len(b), nil })
	blank   = Register("blank", func(_ context.Context, n int) ([]byte, error) { return make([]byte, n), nil })
	big     = Register("big", func(_ context.Context, p parcel) (parcel, error) { return p, nil })
	sets    = Register("sets", func(_ context.Context, n int) (struct{}, error) { hidden = n; return struct{}{}, nil })

	spin = Register("spin", func(context.Context, struct{}) (int, error) {
		for n := 0; ; n++ {
			if n < 0 {
				return n, nil
			}
		}
	})
)

// A hostile value does what its field What says when it is encoded or decoded, on the way there or back.
type hostile struct{ What string }

func (h hostile) GobEncode() ([]byte, error) {
	switch h.What {
	case "panic":
		panic("encode")
	case "exit":
		runtime.Goexit()
	case "error":
		return nil, errOdd
	}
	return []byte(h.What), nil
}

func (h *hostile) GobDecode(b []byte) error {
	h.What = strings.TrimPrefix(string(b), "then ")
	switch h.What {
	case "panic decode":
		panic("decode")
	case "exit decode":
		runtime.Goexit()
	case "error decode":
		return errOdd
	}
	return nil
}

// A hostileError does what its field what says when its Error is called.
type hostileError struct{ what string }

func (e *hostileError) Error() string {
	if e.what == "exit" {
		runtime.Goexit()
	}
	panic(e.what)
}

var (
	back     = Register("back", func(_ context.Context, h hostile) (hostile, error) { return h, nil })
	badError = Register("bad error", func(_ context.Context, what string) (int, error) {
		if what == "nil" {
			return 0, (*hostileError)(nil)
		}
		return 0, &hostileError{what}
	})
)

func killPid(pid int) {
	if p, err := os.FindProcess(pid); err == nil {
		_ = p.Kill()
	}
}
