package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	Main()
	goleak.VerifyTestMain(m)
}

var errOdd = RegisterError("odd", errors.New("the number is odd"))

type point struct {
	X, Y int
	Next *point
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
	nap    = Register("nap", func(_ context.Context, d time.Duration) (time.Duration, error) { time.Sleep(d); return d, nil })
	count  = Register("count", func(context.Context, struct{}) (int, error) { hidden++; return hidden, nil })
	chans  = Register("chans", func(_ context.Context, c struct{ C chan int }) (int, error) { return 0, nil })
	anyIn  = Register("any", func(_ context.Context, v any) (string, error) { return fmt.Sprintf("%T %v", v, v), nil })
	anyOut = Register("any out", func(_ context.Context, n int) (any, error) {
		if n == 0 {
			return struct{ N int }{1}, nil // gob does not know of it
		}
		return n, nil
	})
	sets = Register("sets", func(_ context.Context, n int) (struct{}, error) { hidden = n; return struct{}{}, nil })
)

func killPid(pid int) {
	if p, err := os.FindProcess(pid); err == nil {
		_ = p.Kill()
	}
}
