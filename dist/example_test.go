package dist_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/turnstile-go/turnstile/dist"
)

// A lock, and a resource that refuses writes with a token that is too old.
func ExampleMutex() {
	ctx := context.Background()
	space, err := dist.Open(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer space.Close()

	highest := uint64(0) // of the resource
	write := func(token uint64) string {
		if token < highest {
			return "refused"
		}
		highest = token
		return "written"
	}

	lock := space.Mutex("stock", dist.Lease(10*time.Second))
	first, err := lock.LockContext(ctx)
	if err != nil {
		log.Fatal(err) //nolint:gocritic // of an example that fails nothing is left
	}
	fmt.Println(write(first.Token()))
	if err := first.Unlock(); err != nil {
		log.Fatal(err)
	}
	second, err := lock.LockContext(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(write(second.Token()))
	fmt.Println(write(first.Token()), "what comes late")
	if err := second.Unlock(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// written
	// written
	// refused what comes late
}

// A washer and a dryer share a queue. An item that the dryer takes is not lost if it dies before Done.
func ExampleQueue() {
	ctx := context.Background()
	space, err := dist.Open(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer space.Close()
	dishes, err := dist.NewQueue[string](space, "dishes", dist.Capacity(10), dist.MaxDeliveries(3))
	if err != nil {
		log.Fatal(err) //nolint:gocritic // of an example that fails nothing is left
	}
	for _, dish := range []string{"salad", "bread", "entree"} {
		if err := dishes.Put(dish); err != nil {
			log.Fatal(err)
		}
	}
	for range 3 {
		item, err := dishes.GetContext(ctx)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("dried", item.Value)
		if err := item.Done(); err != nil {
			log.Fatal(err)
		}
	}
	if err := dishes.Join(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// dried salad
	// dried bread
	// dried entree
}
