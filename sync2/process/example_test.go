package process_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/turnstile-go/turnstile/sync2"
	"github.com/turnstile-go/turnstile/sync2/process"
)

// Functions that run in other processes are registered at package level.
var (
	cube = process.Register("example cube", func(_ context.Context, n int) (int, error) { return n * n * n, nil })

	crash = process.Register("example crash", func(context.Context, string) (string, error) {
		os.Exit(3)
		return "", nil
	})

	greet = process.Register("example greet", func(_ context.Context, name string) (struct{}, error) {
		fmt.Println("hello,", name, "– this is", process.Current().Name())
		return struct{}{}, nil
	})
)

func Example() {
	// The first line of main, and of TestMain, is process.Main().
	e := process.NewExecutor(2)
	defer e.Shutdown()

	f := process.Submit(e, cube, 3)
	fmt.Println(f.Result())

	for n, err := range process.Map(e, slices.Values([]int{1, 2, 3, 4}), cube) {
		fmt.Print(n, " ", err, "; ")
	}
	// Output:
	// 27 <nil>
	// 1 <nil>; 8 <nil>; 27 <nil>; 64 <nil>;
}

func ExampleOnDeath() {
	e := process.NewExecutor(1, process.OnDeath(process.Respawn))
	defer e.Shutdown()

	_, err := process.Submit(e, crash, "").Result()
	if exit, ok := errors.AsType[*process.ExitError](err); ok {
		fmt.Println(exit.Name, "died:", exit.Status)
	}
	fmt.Println(process.Submit(e, cube, 2).Result()) // by another process
	// Output:
	// worker-1 died: exit status 3
	// 8 <nil>
}

func ExampleStart() {
	p, err := process.Start("greeter", greet, "world")
	if err != nil {
		fmt.Println(err)
		return
	}
	p.Join()
	fmt.Println("exit status", p.ExitCode())
	// Output:
	// hello, world – this is greeter
	// exit status 0
}

// A kitchen is the input of the dryers: a queue in the process that started them.
type kitchen struct{ Dishes *process.Queue[string] }

var dry = process.Register("example dry", func(_ context.Context, k kitchen) ([]string, error) {
	var dried []string
	for dish := range k.Dishes.All() { // calls TaskDone after each
		dried = append(dried, dish)
	}
	return dried, nil
})

func ExampleQueue() {
	e := process.NewExecutor(3, process.WithName("dryer"))
	defer e.Shutdown()
	dishes := process.NewQueue[string](2)

	var dryers []*sync2.Future[[]string]
	for range 3 {
		dryers = append(dryers, process.Submit(e, dry, kitchen{dishes}))
	}
	for _, dish := range []string{"salad", "bread", "entree", "dessert"} {
		_ = dishes.Put(dish)
	}
	_ = dishes.Join() // until every dish is dry
	dishes.Close()

	var all []string
	for _, f := range dryers {
		dried, _ := f.Result()
		all = append(all, dried...)
	}
	slices.Sort(all)
	fmt.Println(strings.Join(all, ", "))
	// Output: bread, dessert, entree, salad
}

// A package variable with a name means the same in every process.
var till = process.NewMutex(process.Named("example till"))

var dieAtTheTill = process.Register("example die", func(context.Context, struct{}) (struct{}, error) {
	_ = till.Lock()
	os.Exit(1)
	return struct{}{}, nil
})

func ExampleMutex() {
	p, err := process.Start("thief", dieAtTheTill, struct{}{})
	if err != nil {
		fmt.Println(err)
		return
	}
	p.Join()
	err = till.Lock()
	fmt.Println("told:", errors.Is(err, process.ErrHolderDied)) // and the lock is held
	till.Unlock()
	// Output: told: true
}
