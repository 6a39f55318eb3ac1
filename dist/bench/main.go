// Command bench measures package dist beside recipes on Redis and etcd, of which it starts what is installed here: in turns, so that
// all meet the same machine. It is a module of its own, so that importers of package dist see nothing of them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/bsm/redislock"
	"github.com/redis/go-redis/v9"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/concurrency"

	"github.com/turnstile-go/turnstile/dist"
)

// A rival is one way to do what is measured.
type rival struct {
	name  string
	lock  func(context.Context) error // lock and unlock
	queue func(context.Context) error // put, get and done; nil if it has none
	close func()
}

func main() {
	n := flag.Int("n", 500, "number of times that each is done")
	flag.Parse()
	if err := run(context.Background(), *n); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, n int) error {
	dir, err := os.MkdirTemp("", "dist-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var rivals []*rival
	for _, start := range []func(context.Context, string) (*rival, error){embedded, served, redisStock, redisSync, etcd} {
		r, err := start(ctx, dir)
		if errors.Is(err, exec.ErrNotFound) {
			fmt.Println("not here:", err)
			continue
		}
		if err != nil {
			return err
		}
		defer r.close()
		rivals = append(rivals, r)
	}
	locks, queues := make([][]time.Duration, len(rivals)), make([][]time.Duration, len(rivals))
	for i := range n + n/10 { // the first tenth is to get warm
		for j, r := range rivals {
			if err := measure(ctx, r.lock, &locks[j], i >= n/10); err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
			if r.queue != nil {
				if err := measure(ctx, r.queue, &queues[j], i >= n/10); err != nil {
					return fmt.Errorf("%s: %w", r.name, err)
				}
			}
		}
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tlock+unlock p50\tp99\tput+get+done p50\tp99\t")
	for i, r := range rivals {
		fmt.Fprintf(w, "%s\t%s\t%s\t\n", r.name, percentiles(locks[i]), percentiles(queues[i]))
	}
	return w.Flush()
}

func measure(ctx context.Context, f func(context.Context) error, into *[]time.Duration, keep bool) error {
	begun := time.Now()
	err := f(ctx)
	if keep {
		*into = append(*into, time.Since(begun))
	}
	return err
}

func percentiles(d []time.Duration) string {
	if len(d) == 0 {
		return "\t"
	}
	slices.Sort(d)
	return fmt.Sprintf("%v\t%v", d[len(d)/2].Round(time.Microsecond), d[len(d)*99/100].Round(time.Microsecond))
}

func embedded(ctx context.Context, dir string) (*rival, error) {
	s, err := dist.Open(ctx, dist.WithDir(dir+"/embedded"))
	if err != nil {
		return nil, err
	}
	return ours("dist, in this process", s, func() {})
}

func served(ctx context.Context, dir string) (*rival, error) {
	e, err := dist.StartEngine(ctx, dist.WithDir(dir+"/served"), dist.WithListen("127.0.0.1:0"))
	if err != nil {
		return nil, err
	}
	s, err := dist.Open(ctx, dist.WithURL(e.URL()))
	if err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return ours("dist, over TCP", s, func() { _ = e.Close() })
}

func ours(name string, s *dist.Space, stop func()) (*rival, error) {
	q, err := dist.NewQueue[int](s, "q")
	if err != nil {
		return nil, err
	}
	return &rival{
		name: name,
		lock: func(ctx context.Context) error {
			h, err := s.Mutex("m").LockContext(ctx)
			if err != nil {
				return err
			}
			return h.Unlock()
		},
		queue: func(ctx context.Context) error {
			if err := q.PutContext(ctx, 1); err != nil {
				return err
			}
			item, err := q.GetContext(ctx)
			if err != nil {
				return err
			}
			return item.Done()
		},
		close: func() { _ = s.Close(); stop() },
	}, nil
}

func redisStock(ctx context.Context, dir string) (*rival, error) {
	return redisServer(ctx, dir, "Redis, as it comes", "no")
}

func redisSync(ctx context.Context, dir string) (*rival, error) {
	return redisServer(ctx, dir, "Redis, appendfsync always", "yes")
}

func redisServer(ctx context.Context, dir, name, appendOnly string) (*rival, error) {
	addr, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(addr)
	data := dir + "/redis-" + appendOnly
	if err := os.Mkdir(data, 0o700); err != nil {
		return nil, err
	}
	stop, err := start(ctx, "redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", data, "--appendonly", appendOnly, "--appendfsync", "always")
	if err != nil {
		return nil, err
	}
	c := redis.NewClient(&redis.Options{Addr: addr, MaxRetries: 20})
	if err := eventually(ctx, func() error { return c.Ping(ctx).Err() }); err != nil {
		stop()
		return nil, err
	}
	locker := redislock.New(c)
	return &rival{
		name: name,
		lock: func(ctx context.Context) error {
			l, err := locker.Obtain(ctx, "m", 10*time.Second, nil)
			if err != nil {
				return err
			}
			return l.Release(ctx)
		},
		queue: func(ctx context.Context) error {
			if err := c.LPush(ctx, "q", 1).Err(); err != nil {
				return err
			}
			v, err := c.BLMove(ctx, "q", "working", "RIGHT", "LEFT", 0).Result()
			if err != nil {
				return err
			}
			return c.LRem(ctx, "working", 1, v).Err()
		},
		close: func() { _ = c.Close(); stop() },
	}, nil
}

func etcd(ctx context.Context, dir string) (*rival, error) {
	client, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	peer, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	stop, err := start(ctx, "etcd", "--data-dir", dir+"/etcd", "--listen-client-urls", "http://"+client, "--advertise-client-urls", "http://"+client,
		"--listen-peer-urls", "http://"+peer, "--initial-advertise-peer-urls", "http://"+peer, "--initial-cluster", "default=http://"+peer)
	if err != nil {
		return nil, err
	}
	c, err := clientv3.New(clientv3.Config{Endpoints: []string{client}, DialTimeout: 20 * time.Second})
	if err != nil {
		stop()
		return nil, err
	}
	session, err := concurrency.NewSession(c, concurrency.WithTTL(10))
	if err != nil {
		stop()
		return nil, err
	}
	m := concurrency.NewMutex(session, "m")
	return &rival{
		name: "etcd, concurrency.Mutex",
		lock: func(ctx context.Context) error {
			if err := m.Lock(ctx); err != nil {
				return err
			}
			return m.Unlock(ctx)
		},
		close: func() { _ = session.Close(); _ = c.Close(); stop() },
	}, nil
}

// start starts a server, and returns how to stop it.
func start(ctx context.Context, name string, args ...string) (stop func(), err error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, path, args...)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }, nil
}

func freeAddr(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return strings.Clone(l.Addr().String()), l.Close()
}

// eventually calls f until it succeeds, for some seconds.
func eventually(ctx context.Context, f func() error) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for t := time.NewTicker(50 * time.Millisecond); ; {
		err := f()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-t.C:
		}
	}
}
