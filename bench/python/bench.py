"""What the originals in Python cost: the same operations as in the Go benchmarks, medians of five.

    python3 bench.py

prints a line for each.
"""

import platform
import queue
import statistics
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor


def each(n, loop):
    """Nanoseconds for each of n operations, median of five."""
    samples = []
    for _ in range(5):
        start = time.perf_counter_ns()
        loop(n)
        samples.append((time.perf_counter_ns() - start) / n)
    return statistics.median(samples)


def pairs(lock):
    def loop(n):
        acquire, release = lock.acquire, lock.release
        for _ in range(n):
            acquire()
            release()

    return loop


def nested(n):
    lock = threading.RLock()
    with lock:
        pairs(lock)(n)


def local_get(n):
    local = threading.local()
    local.value = 1
    for _ in range(n):
        local.value


def event_set(waiters):
    """One Event and the given number of threads that wait for it: from set until the last of them has run."""

    def round_():
        event, left, done = threading.Event(), [waiters], threading.Event()
        lock = threading.Lock()

        def wait():
            event.wait()
            with lock:
                left[0] -= 1
                if left[0] == 0:
                    done.set()

        threads = [threading.Thread(target=wait) for _ in range(waiters)]
        for t in threads:
            t.start()
        while len(event._cond._waiters) < waiters:
            time.sleep(0.001)
        start = time.perf_counter_ns()
        event.set()
        done.wait()
        took = time.perf_counter_ns() - start
        for t in threads:
            t.join()
        return took

    return statistics.median(round_() for _ in range(5))


def crossings(parties):
    def loop(n):
        barrier = threading.Barrier(parties)

        def cross():
            for _ in range(n):
                barrier.wait()

        in_threads([cross] * parties)

    return loop


def hand_over(n):
    q = queue.Queue(128)

    def put():
        for i in range(n):
            q.put(i)

    def get():
        for _ in range(n):
            q.get()

    in_threads([put, get])


def submit(n):
    with ThreadPoolExecutor(8) as pool:
        for f in [pool.submit(int) for _ in range(n)]:
            f.result()


def square(n):
    return n * n


def spin(n):
    x = 1
    for i in range(n):
        x = (x * 31 + i) & 0xFFFFFFFF
    return x


def burst(pool):
    def loop(n):
        for f in [pool.submit(square, i) for i in range(n)]:
            f.result()

    return loop


def round_trip(pool):
    def loop(n):
        for i in range(n):
            pool.submit(square, i).result()

    return loop


def share(workers):
    """Nanoseconds for some work that needs a processor, in the given number of processes."""
    with ProcessPoolExecutor(workers) as pool:
        list(pool.map(square, range(10 * workers)))

        def loop(_):
            for f in [pool.submit(spin, 500_000) for _ in range(16)]:
                f.result()

        return each(1, loop)


def start_and_join(n):
    for _ in range(n):
        t = threading.Thread(target=int)
        t.start()
        t.join()


def in_threads(targets):
    threads = [threading.Thread(target=t) for t in targets]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


with ProcessPoolExecutor(2) as pool:
    list(pool.map(square, range(20)))
    processes = {
        "ProcessPoolExecutor(2), task in a burst": each(5_000, burst(pool)),
        "ProcessPoolExecutor(2), round trip": each(2_000, round_trip(pool)),
    }
speed_up = share(1) / share(2)

print(f"\nThe originals in Python {platform.python_version()}, medians of five, in ns:")
for name, ns in {
    "Lock, pair": each(1_000_000, pairs(threading.Lock())),
    "Semaphore, pair": each(100_000, pairs(threading.Semaphore(1))),
    "RLock, nested pair": each(1_000_000, nested),
    "local, get": each(1_000_000, local_get),
    "Event.set until all of 1,000 have run": event_set(1000),
    "Barrier, crossing of 64": each(50, crossings(64)),
    "Queue of 128, 1 to 1": each(20_000, hand_over),
    "ThreadPoolExecutor, submit and result": each(10_000, submit),
    "Thread, start and join": each(1_000, start_and_join),
    **processes,
}.items():
    print(f"  {name:40} {ns:14,.0f}")
print(f"  {'ProcessPoolExecutor, 2 workers beside 1':40} {speed_up:14.2f} times as fast")
