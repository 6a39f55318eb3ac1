package lessons

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/turnstile-go/turnstile/dist"
)

// Two clerks pay into one account, both under the same lock. The first is paused for longer than its lease, just before it
// writes. The account is in this process, and may check tokens.
func account(ctx context.Context, l *lesson, checked bool) error {
	if !canPause {
		return ErrNotHere
	}
	lease := l.scale(1200*time.Millisecond, 400*time.Millisecond)
	k := &book{l: l, checked: checked, balance: 100}
	clerk := func(name string, sum int) (*worker, error) {
		return l.start(ctx, orders{Role: "clerk", Name: name, N: sum, Timeout: lease, Work: l.scale(500*time.Millisecond, 0)})
	}
	l.Log("the account holds %d", k.balance)
	first, err := clerk("clerk-1", 20)
	if err != nil {
		return err
	}
	err = k.serve(ctx, first, func() error {
		l.Log("%s is paused", first.name)
		if err := stopProcess(first.cmd.Process); err != nil {
			return err
		}
		second, err := clerk("clerk-2", 50)
		if err != nil {
			return err
		}
		if err := k.serve(ctx, second, nothing); err != nil {
			return err
		}
		if _, err := second.dismiss(); err != nil {
			return err
		}
		l.pause(ctx, 500*time.Millisecond)
		l.Log("%s goes on", first.name)
		return contProcess(first.cmd.Process)
	})
	if err != nil {
		return err
	}
	if _, err := first.dismiss(); err != nil {
		return err
	}
	l.Log("20 and 50 were paid in; the account holds %d", k.balance)
	if k.balance != 170 {
		return fmt.Errorf("100, 20 and 50 are 170, but the account holds %d", k.balance)
	}
	return nil
}

// A book is the account.
type book struct {
	l       *lesson
	checked bool // it refuses old tokens
	balance int
	top     int // the highest token that it has seen
}

func nothing() error { return nil }

// serve does what a clerk asks for. It calls before when the clerk is about to write for the first time.
func (k *book) serve(ctx context.Context, w *worker, before func() error) error {
	for {
		line, err := w.hear(ctx)
		if err != nil {
			return err
		}
		switch line {
		case "bye":
			w.answer("bye")
			return nil
		case "writes":
			if err := before(); err != nil {
				return err
			}
			before = nothing
			w.answer("go on")
		default:
			w.answer("%s", k.do(line))
		}
	}
}

// do reads or writes.
func (k *book) do(line string) string {
	var token, sum int
	writes := scan(line, "write %d %d", &token, &sum)
	if !writes && !scan(line, "read %d", &token) {
		return "what?"
	}
	if token < k.top && k.checked {
		k.l.Log("the account refuses token %d: it has seen %d", token, k.top)
		return "refused"
	}
	k.top = max(k.top, token)
	if !writes {
		return strconv.Itoa(k.balance)
	}
	k.balance = sum
	k.l.Log("the account holds %d", k.balance)
	return "written"
}

func scan(line, format string, values ...any) bool {
	_, err := fmt.Sscanf(line, format, values...)
	return err == nil
}

// clerk pays in: it reads, adds, and writes, under the lock.
func clerk(ctx context.Context, h *hand) error {
	for {
		held, err := h.Mutex("account", dist.Lease(h.Timeout)).LockContext(ctx)
		if err != nil {
			return err
		}
		written, err := pay(h, int(held.Token()))
		if err := held.Unlock(); err != nil && !errors.Is(err, dist.ErrLost) {
			return err
		}
		if err != nil {
			return err
		}
		if written {
			_, err := h.ask("bye")
			return err
		}
		h.Log("was refused, and begins again")
	}
}

func pay(h *hand, token int) (written bool, err error) {
	answer, err := h.ask("read %d", token)
	if err != nil {
		return false, err
	}
	sum, err := strconv.Atoi(answer)
	if err != nil {
		return false, nil //nolint:nilerr // it is refused
	}
	h.Log("reads %d", sum)
	pause(context.Background(), h.Work)

	// It still has its lease, so it writes. But a process can be paused between any two steps.
	if _, err := h.ask("writes"); err != nil {
		return false, err
	}
	h.Log("writes %d, with token %d", sum+h.N, token)
	answer, err = h.ask("write %d %d", token, sum+h.N)
	return answer == "written", err
}
