// Package scenarios holds small programs over package sync2, each of which teaches one thing.
//
// A [Scenario] is a lesson, its parameters, what it is expected to do, and a program. The program checks an
// invariant of its own and fails if it does not hold, so the same text serves a person who watches it, a test that
// repeats it a thousand times, and a checker that searches it for a failing schedule.
//
// To add one, write one file with one call of register, and name it below; the catalog, the tests and the terminal UI find
// it there.
//
// # Files
//
//   - The catalog, and what a scenario is: scenario.go, params.go, registry.go, suggest.go, source.go.
//   - Helpers of scenarios (waiting for a state, goroutines started together, sockets, measurements): await.go,
//     crew.go, loopback.go, measure.go, plain.go.
//   - Helpers of scenarios of processes and hosts: processes.go, child.go, processor_unix.go,
//     processor_other.go, hosts.go.
//   - Lessons about primitives: barrier.go, barrier_abort.go, barrier_phases.go, barrier_timeout.go,
//     condition.go, counter.go, counter_unlocked.go, daemon.go, enumerate.go, event.go, event_gate.go,
//     flight.go, group.go, handshake.go, keyed_mutex.go, latch.go, local.go, local_default.go,
//     mutex_fairness.go, once.go, reader_writer.go, relock.go, relock_plain.go, rendezvous.go, semaphore.go,
//     spinner.go, thousands.go, try_lock.go, watch.go, weighted.go.
//   - Lessons about queues, futures and pools: apply.go, array_server.go, array_views.go, as_completed.go,
//     callbacks.go, cancel_reversed.go, cpu_bound.go, dishes.go, dishes_alone.go, dishes_ledger.go,
//     dishes_sentinel.go, echo_one_at_a_time.go, echo_server.go, event_loop.go, fetch.go, fetch_by_hand.go,
//     fetch_errors.go, fire_and_forget.go, flags.go, forgotten_error.go, future_error.go, future_states.go,
//     future_timeout.go, handoff.go, knock_knock.go, lockable_dict.go, lockable_dict_race.go, lookups.go,
//     many_acceptors.go, map_error.go, map_order.go, overlap.go, pipeline.go, pool_deadlock.go, pool_speedup.go,
//     promise.go, retry.go, three_sleepers.go, unordered.go, workers_sweep.go.
//   - Lessons about classic problems: abandoned_lock.go, abba.go, barrier_reuse.go, bathroom.go,
//     bounded_buffer.go, cigarette_smokers.go, double_checked_lock.go, livelock.go, lock_convoy.go,
//     lost_wakeup.go, one_lane_bridge.go, philosophers.go, philosophers_waiter.go, priority_inversion.go,
//     readers_writers.go, river_crossing.go, roller_coaster.go, santa.go, semaphore_leak.go, sleeping_barber.go,
//     thundering_herd.go, water.go.
//   - Lessons about processes: commands.go, cut_off.go, process_async.go, process_broken.go, process_clients.go,
//     process_dict.go, process_dishes.go, process_facts.go, process_fib.go, process_ledger.go, process_lock.go,
//     process_log.go, process_memory.go, process_names.go, process_pool.go, process_sentinel.go,
//     process_sleepers.go, process_sweep.go, signals.go, signals_heard.go, subprocess_pipes.go, terminate.go.
//   - Lessons about several hosts: dishes_engine.go, engine_fetch.go, engine_ledger.go, lease.go.
package scenarios
