module github.com/turnstile-go/turnstile/bench

go 1.26.0

replace github.com/turnstile-go/turnstile => ../

require (
	github.com/alitto/pond/v2 v2.7.1
	github.com/moby/locker v1.0.1
	github.com/panjf2000/ants/v2 v2.12.1
	github.com/petermattis/goid v0.0.0-20260820044319-269ab09b5261
	github.com/puzpuzpuz/xsync/v4 v4.5.0
	github.com/sourcegraph/conc v0.3.0
	github.com/timandy/routine v1.1.6
	github.com/turnstile-go/turnstile v0.1.0
	golang.org/x/sync v0.24.0
)

require (
	go.uber.org/atomic v1.7.0 // indirect
	go.uber.org/multierr v1.9.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
)
