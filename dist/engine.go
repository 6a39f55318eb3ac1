package dist

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// An Engine is a NATS server with JetStream in this process, on which other processes open spaces. It is what the command
// turnstile-engine runs. It is not needed for a space of this process alone: see [Open].
//
// It stores its data in a directory, and confirms a write when it is on disk. It has no users and no passwords: anyone who can
// reach its port can do everything, so let it listen only on a trusted network, or run nats-server with a configuration of your
// own and open spaces on it with [WithURL].
type Engine struct {
	server *server.Server
	lock   *os.File
	temp   string // a directory to remove, "" if there is none
	listen bool
	once   sync.Once
}

// StartEngine starts an engine. It accepts the options [WithDir], [WithListen] and [WithCluster], and panics with a
// [*sync2.UsageError] if others are given. It fails if the directory is in use by another engine or a port is taken.
func StartEngine(ctx context.Context, opts ...Option) (*Engine, error) {
	checkContext(ctx, "StartEngine")
	c := configure("StartEngine", opts)
	if c.url != "" || c.replicas != 0 || c.space != "" || c.name != "" {
		misuse("StartEngine", "only WithDir, WithListen and WithCluster are options of an engine")
	}
	return startEngine(ctx, &c)
}

// startTimeout is the maximum time for a server to start.
const startTimeout = 30 * time.Second

func startEngine(ctx context.Context, c *config) (e *Engine, err error) {
	e = &Engine{listen: c.listen != ""}
	defer func() {
		if err != nil {
			_ = e.Close()
		}
	}()
	dir := c.dir
	if dir == "" {
		if dir, err = os.MkdirTemp("", "turnstile-dist-"); err != nil {
			return e, fmt.Errorf("dist: a directory for the engine: %w", err)
		}
		e.temp = dir
	}
	if err := e.own(dir); err != nil {
		return e, err
	}
	o, err := serverOptions(c, dir)
	if err != nil {
		return e, err
	}
	if e.server, err = server.NewServer(o); err != nil {
		return e, fmt.Errorf("dist: the engine: %w", err)
	}
	e.server.Start()
	if !e.server.ReadyForConnections(startTimeout) {
		return e, fmt.Errorf("dist: the engine in %s does not start; is the port of %q taken?", dir, c.listen)
	}
	if ctx.Err() != nil {
		return e, ended(ctx)
	}
	return e, nil
}

// own makes the directory and takes its lock: two servers in one would destroy each other's files.
func (e *Engine) own(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("dist: the engine's directory: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "turnstile.lock"), os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the path is the user's
	if err != nil {
		return fmt.Errorf("dist: the engine's directory: %w", err)
	}
	if err := lockFile(f); err != nil {
		_ = f.Close()
		return fmt.Errorf("dist: the directory %s is in use by another engine: let that one listen, and open this space with its URL", dir)
	}
	e.lock = f
	return nil
}

func serverOptions(c *config, dir string) (*server.Options, error) {
	o := &server.Options{
		ServerName: "turnstile",
		JetStream:  true,
		StoreDir:   dir,
		SyncAlways: true,
		DontListen: c.listen == "",
		NoLog:      true,
		NoSigs:     true,
	}
	if c.listen != "" {
		host, port, err := split(c.listen)
		if err != nil {
			return nil, err
		}
		if o.Host, o.Port = host, port; port == 0 {
			o.Port = server.RANDOM_PORT
		}
	}
	if c.cluster != nil {
		host, port, err := split(c.cluster.listen)
		if err != nil {
			return nil, err
		}
		o.ServerName = c.cluster.node
		o.Cluster = server.ClusterOpts{Name: "turnstile", Host: host, Port: port}
		o.Cluster.Advertise = c.cluster.advertise
		for _, r := range c.cluster.routes {
			o.Routes = append(o.Routes, &url.URL{Scheme: "nats", Host: r})
		}
	}
	return o, nil
}

// split returns the parts of an address such as ":4222".
func split(addr string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(addr)
	if err == nil {
		port, err = strconv.Atoi(text)
	}
	if err != nil || port < 0 || port > 65535 {
		return "", 0, fmt.Errorf("dist: %q is not an address such as 127.0.0.1:4222", addr)
	}
	return host, port, nil
}

// URL returns the URL at which others reach e, for [WithURL], or "" if e does not listen.
func (e *Engine) URL() string {
	if !e.listen {
		return ""
	}
	return e.server.ClientURL()
}

// Close stops e. It returns when its goroutines have ended and another engine can use its directory. It is idempotent.
func (e *Engine) Close() error {
	var err error
	e.once.Do(func() {
		if e.server != nil {
			e.server.Shutdown()
			e.server.WaitForShutdown()
		}
		if e.lock != nil {
			err = e.lock.Close()
		}
		if e.temp != "" {
			err = errors.Join(err, os.RemoveAll(e.temp))
		}
	})
	return err
}

// A cluster says how an engine finds others.
type cluster struct {
	node, listen string
	routes       []string
	advertise    string // the address it announces, "" for its own: tests have proxies between the nodes
}

// WithCluster makes an engine one of several nodes that keep the same data, so that a space with [WithReplicas] survives the
// loss of some. Each node has a name of its own, listens for the others at an address such as "10.0.0.1:6222", and is given the
// addresses of all nodes, optionally including its own. It panics if name or listen is empty.
func WithCluster(name, listen string, nodes ...string) Option {
	if name == "" || listen == "" {
		misuse("WithCluster", "a node needs a name and an address")
	}
	c := &cluster{node: name, listen: listen, routes: slices.Clone(nodes)}
	return func(o *config) { o.cluster = c }
}
