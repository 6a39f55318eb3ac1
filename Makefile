# What can be done here; "make help" lists it.

GO ?= go
GOLANGCI_LINT = $(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GOVULNCHECK   = $(GO) run golang.org/x/vuln/cmd/govulncheck@v1.9.0
GORELEASER    = github.com/goreleaser/goreleaser/v2@v2.15.1
CYCLONEDX     = github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0
APIDIFF       = $(GO) run golang.org/x/exp/cmd/apidiff@v0.0.0-20261113113407-e3970619a1a4

# The modules of this repository. bench/ is one of its own, so that what it compares with never reaches importers, and so is
# dist/, so that what it stands on does not.
MODULES = . $(patsubst %/go.mod,%,$(wildcard bench/go.mod dist/go.mod dist/bench/go.mod))

# How often "make race" runs each scenario, the number of schedules of each clean one that it tries, the number of seeds with
# which it looks for a bug, and the number of replays of the failing schedule: more than in "make test", and more again at night.
ROUNDS    ?= 25
SCHEDULES ?= 250
SEEDS     ?= 3
REPLAYS   ?= 100

# How long the tests of one package may take before they are stopped, which is to happen only if they hang. What go test
# allows by itself, 10 minutes, is too little for the longest ones on a slow machine.
TIMEOUT = -timeout=30m

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## open the browser of scenarios
	$(GO) run ./cmd/turnstile

.PHONY: test
test: vet ## vet, then all tests under the race detector (needs a C compiler), and those for builds without it
	$(GO) test -race $(TIMEOUT) ./...
	$(MAKE) -j2 steps-cover test-plain test-slowgoid test-engine

# These use one processor each, so that they run side by side. What the explorer reaches without the race detector is more.
.PHONY: test-plain test-slowgoid test-engine
test-engine: # what "make test-dist" does under the race detector, more often, and with a cluster
	cd dist && $(GO) test $(TIMEOUT) .

test-plain:
	$(GO) test $(TIMEOUT) -run Scale ./sync2 ./sync2/timeline ./tui/internal/cells
	$(GO) test $(TIMEOUT) ./sync2/explore

test-slowgoid:
	$(GO) test -tags turnstile_slowgoid ./sync2/internal/goid
	$(GO) test -tags turnstile_slowgoid -run 'Local|Reentrant|Goroutine' -skip TraceForgets ./sync2

# How much of package waitq, in which all waiting takes place, the explorer must reach, in percent.
STEPS_COVER = 95

# What tells how much of a package was reached by one profile, and by it or another.
COVERAGE = awk -v least=$(STEPS_COVER) '/^mode/ { file++; next } { size[$$1] = $$2; if ($$3) any[$$1]; if ($$3 && file == 1) explored[$$1] } \
	END { for (b in size) { all += size[b]; if (b in any) m += size[b]; if (b in explored) n += size[b] } \
	printf "waitq: explored %.1f %%, explored or exercised outside the explorer %.1f %% of %d statements\n", 100*n/all, 100*m/all, all; \
	exit 100*n < least*all }'

.PHONY: steps-cover
steps-cover: ## explore the primitives by single steps; fails if that reaches too little of the code that waits
	@dir=$$(mktemp -d) && trap 'rm -r "$$dir"' EXIT && \
	$(GO) test $(TIMEOUT) -tags turnstile_steps -run Steps -skip StepsOutside -coverpkg=./sync2/internal/waitq -coverprofile=$$dir/explored ./sync2/explore && \
	$(GO) test $(TIMEOUT) -tags turnstile_steps -run StepsOutside -coverpkg=./sync2/internal/waitq -coverprofile=$$dir/outside ./sync2/explore && \
	$(COVERAGE) $$dir/explored $$dir/outside

.PHONY: steps-long
steps-long: ## the same, with programs that take long; half an hour
	$(GO) test -tags turnstile_steps -run Steps -timeout 60m ./sync2/explore -steps.long

.PHONY: vet
vet: ## go vet, also of what build tags select
	$(GO) vet ./...
	$(GO) vet -tags deadlock ./...
	$(GO) vet -tags turnstile_nohook ./...
	$(GO) vet -tags turnstile_steps ./...

.PHONY: race
race: ## the suite alone, under the race detector: each scenario ROUNDS times, under SCHEDULES schedules, with SEEDS seeds
	$(GO) test -race -count=1 -timeout=3h -v -run '^TestScenario' . -rounds=$(ROUNDS) -schedules=$(SCHEDULES) -seeds=$(SEEDS) -replays=$(REPLAYS) -steps=0

.PHONY: suite
suite: ## print the matrix: every scenario by every checker
	$(GO) run -race ./cmd/turnstile suite

.PHONY: test-long
test-long: ## the long hammers and the whole suite many times over, for the night
	TURNSTILE_TEST_LONG=1 $(GO) test -race -count=5 -timeout=2h ./sync2/... ./scenarios/...
	TURNSTILE_TEST_LONG=1 $(GO) test -race -count=1 -timeout=2h ./internal/... ./cmd/... ./tui/...
	$(GO) test -race -count=1 -timeout=2h -run Draws ./scenarios -rapid.checks=2000
	$(MAKE) race ROUNDS=500 SCHEDULES=5000 SEEDS=25

.PHONY: test-dist
test-dist: ## vet and test dist/ under the race detector; ACQUISITIONS=10000 is how often locks are taken under faults, also in a cluster
	cd dist && $(GO) vet ./... && GOOS=windows $(GO) vet ./... && GOOS=darwin $(GO) vet ./... && \
	$(if $(ACQUISITIONS),TURNSTILE_DIST_ACQUISITIONS=$(ACQUISITIONS)) $(GO) test -race -count=1 -timeout=2h ./...

.PHONY: bench-dist
bench-dist: ## dist/ beside recipes on Redis and etcd, if their servers are installed
	cd dist/bench && $(GO) run . $(ARGS)

.PHONY: test-deadlock
test-deadlock: ## all tests with internal mutexes that check lock order and time
	$(GO) test -tags deadlock,deadlock_synctest ./...

# How long each fuzz test runs.
FUZZTIME ?= 30s

.PHONY: fuzz
fuzz: ## every fuzz test for FUZZTIME; "make test" runs their seeds, and what failed once
	@$(GO) test -list '^Fuzz' ./... | awk '/^Fuzz/ { name[n++] = $$1 } /^ok/ { for (i = 0; i < n; i++) print $$2, name[i]; n = 0 }' | \
	while read -r package name; do echo "$$name" && \
		$(GO) test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 5x "$$package" || exit 1; done

.PHONY: lint
lint: ## the linters, at a pinned version
	@for m in $(MODULES); do (cd $$m && echo "lint $$m" && $(GOLANGCI_LINT) run --config $(CURDIR)/.golangci.yml ./...) || exit 1; done

.PHONY: fmt
fmt: ## format the code
	@for m in $(MODULES); do (cd $$m && $(GOLANGCI_LINT) fmt --config $(CURDIR)/.golangci.yml ./...) || exit 1; done

.PHONY: golden
golden: ## write the golden files anew; look at the difference before you commit it
	$(GO) test ./tui ./tui/internal/stage -update
	$(GO) test -run "TestJSON|TestGitHub" ./cmd/turnstile -update

.PHONY: recordings
recordings: ## record the lessons of ordinary Go, and the scenarios across hosts, anew
	$(GO) test -count=1 -run '^TestLessonRecordings$$' ./cmd/turnstile -update
	cd dist && $(GO) test -count=1 ./internal/lessons -update
	$(GO) test -count=1 ./scenarios/ordinary

.PHONY: bench
bench: ## the benchmarks beside their peers; RUN=semaphore runs one part
	cd bench && $(GO) run . $(if $(RUN),-run '$(RUN)')

# What is measured against main.
MAIN_RUN = semaphore|mutex|queue|executor|barrier|event|explorer

.PHONY: bench-main
bench-main: ## the benchmarks of main and of what is checked out, one after the other, twice; compare the rows
	git worktree add --force --detach build/main origin/main
	for i in 1 2; do for m in build/main .; do echo "== $$m" && (cd $$m/bench && $(GO) run . -run '$(MAIN_RUN)' -counts 3) || exit 1; done; done; \
	git worktree remove --force build/main

.PHONY: goker
goker: ## explore the 63 faulty programs of GOROOT's goroutine leak profile, beside other tools; ARGS='-run Moby' for some
	cd bench && $(GO) run ./goker $(ARGS)

.PHONY: race-quiet
race-quiet: ## run programs without a data race under RUNS schedules with the race detector, which must report none
	$(GO) test -count=1 -timeout=0 -v -run='^TestRaceFree$$' ./internal/conform -race-runs=$(or $(RUNS),1000000)

.PHONY: stress-runtime
stress-runtime: ## explore the programs of conform for TIME while garbage is collected and checked all the time; nothing may break
	$(GO) test -count=1 -timeout=0 -v -run='^TestStress$$' ./internal/conform -stress=$(or $(TIME),1h)

.PHONY: tokens
tokens: ## replay the tokens of programs with a bug TIMES times each, and as often in a binary built in another directory
	$(GO) test -count=1 -timeout=0 -v -run='^TestTokens$$' ./internal/conform -replays=$(or $(TIMES),100)

.PHONY: modules
modules: ## explore the tests of well-known modules, from the module proxy; ARGS='-run x/sync' for some
	cd bench && $(GO) run ./modules $(ARGS)

# The packages of the standard library whose own tests pass with the patches, and what is tested of the runtime.
STD_PACKAGES = sync sync/atomic internal/sync context time iter testing testing/synctest internal/synctest
STD_RUNTIME  = Chan|Select|Sema|Mutex|Coro|Timer|Synctest|Goroutine|Cond|Nonblock|Shrink|Yield

.PHONY: std-tests
std-tests: ## Go's own tests of what is patched for "turnstile test", with the patches and without an explorer
	@goroot=$$($(GO) run ./internal/goroot/print) && export GOROOT=$$goroot GOTOOLCHAIN=local && \
	"$$goroot/bin/go" test -short -tags turnstile_goroot $(STD_PACKAGES) && \
	"$$goroot/bin/go" test -short -timeout=0 -tags turnstile_goroot -run '$(STD_RUNTIME)' runtime

.PHONY: std-bench
std-bench: ## what the patches for "turnstile test" cost where there is no explorer
	cd bench && $(GO) run . -run 'test: patched std' -counts $(or $(COUNTS),25)

.PHONY: soak
soak: ## do the same for TIME each, 10m if not given, and fail if memory grows or the pace falls: primitives, player, explorer, processes, engine
	@for p in ./sync2 ./tui ./sync2/explore ./sync2/process; do \
		$(GO) test -count=1 -timeout=0 -v -run='^TestSoak$$' $$p -soak=$(or $(TIME),10m) || exit 1; done
	cd dist && $(GO) test -count=1 -timeout=0 -v -run='^TestSoak$$' . -soak=$(or $(TIME),10m)

# The versions of Go that "turnstile test" is tried with by "make versions".
VERSIONS = go1.26.0 go1.26.8 go1.26.11 go1.27.4

.PHONY: versions
versions: ## try the patches, and the programs of conform, with each of VERSIONS, which are downloaded
	@for v in $(VERSIONS); do echo "$$v" && GOTOOLCHAIN=$$v $(GO) test -count=1 -timeout=1h ./internal/goroot ./internal/conform || exit 1; done

.PHONY: cover
cover: ## coverage by the tests, as a profile and a page
	$(GO) test -coverpkg=./... -coverprofile=coverage.out ./...
	$(GO) tool cover -html=coverage.out -o coverage.html
	@$(GO) tool cover -func=coverage.out | tail -n 1

.PHONY: tidy
tidy: ## fail if a go.mod is not tidy
	@for m in $(MODULES); do (cd $$m && $(GO) mod tidy -diff) || exit 1; done

.PHONY: vuln
vuln: ## known vulnerabilities in what is called
	$(GOVULNCHECK) ./...

# Where it must build, beside the machines on which the tests run.
PLATFORMS = windows/amd64 darwin/arm64 linux/arm64 linux/386 linux/riscv64

.PHONY: cross
cross: ## build and vet for other platforms
	@for p in $(PLATFORMS); do echo "$$p" && GOOS=$${p%/*} GOARCH=$${p#*/} CGO_ENABLED=0 $(GO) vet ./... && \
		GOOS=$${p%/*} GOARCH=$${p#*/} CGO_ENABLED=0 $(GO) build ./... || exit 1; done

# What the pictures in docs/ are of: recordings made with "turnstile run NAME --record docs/recordings/NAME.jsonl", and that of
# the philosophers with "turnstile replay TOKEN --record FILE", with a token of "turnstile check philosophers-deadlock -p
# philosophers=5"; by a turnstile that was built with -trimpath. Keys play the film, see "turnstile export --help".
EXPORT = $(GO) run ./cmd/turnstile export
FILM   = 0.5s,-,4.8s,w,2.8s,left,0.9s,left,0.9s,left,0.9s,left,0.9s,w,1s,v,3s

.PHONY: pictures
pictures: ## draw the pictures and films in docs/ anew, from the recordings there
	$(EXPORT) docs/recordings/barrier.jsonl --size 120x30 --at 23 -o docs/barrier.svg
	$(EXPORT) docs/recordings/barrier.jsonl --size 120x30 --at 23 --theme light -o docs/barrier-light.svg
	$(EXPORT) docs/recordings/barrier-abort.jsonl --size 120x30 --at 26 -o docs/barrier-abort.svg
	$(EXPORT) docs/recordings/semaphore.jsonl --size 120x36 --at 1.5s -o docs/semaphore.svg
	$(EXPORT) docs/recordings/philosophers.jsonl --size 100x28 --keys $(FILM) -o docs/philosophers.film.svg
	$(EXPORT) docs/recordings/philosophers.jsonl --size 100x28 --keys $(FILM) -o docs/philosophers.cast
	$(EXPORT) docs/recordings/philosophers.jsonl --size 120x30 -o docs/philosophers.svg
	$(EXPORT) docs/recordings/philosophers.jsonl --size 120x30 --theme light -o docs/philosophers-light.svg
	$(EXPORT) docs/recordings/philosophers.jsonl --size 150x30 --at 32 -o docs/source.svg
	$(EXPORT) docs/recordings/philosophers.jsonl --size 150x30 --at 32 --theme light -o docs/source-light.svg
	$(EXPORT) philosophers-deadlock --drive -p philosophers=5 --size 120x34 --keys 1s,1,1s,1,1s,2,1s,3,1s -o docs/drive.svg
	$(EXPORT) philosophers-deadlock --drive -p philosophers=5 --size 120x34 --keys 1s,1,1s,1,1s,2,1s,3,1s --theme light -o docs/drive-light.svg

# The tools that make a release, in build/tools, where they find each other.
TOOLS = $(CURDIR)/build/tools

.PHONY: tools
tools:
	GOBIN=$(TOOLS) $(GO) install $(GORELEASER)
	GOBIN=$(TOOLS) $(GO) install $(CYCLONEDX)

.PHONY: snapshot
snapshot: tools ## make all of a release but the container image in dist-out/, and publish nothing
	PATH="$(TOOLS):$$PATH" TAP_TOKEN= goreleaser release --snapshot --clean --skip=docker,publish

.PHONY: release
release: tools ## publish the release of the tag that is checked out, as a draft; for the workflow
	@tag=$$(git describe --exact-match --tags --match 'v*') && \
	{ grep -q "^## \[$${tag#v}\] - " CHANGELOG.md || { echo "CHANGELOG.md has no section of $$tag" >&2; exit 1; }; } && \
	{ git tag --points-at HEAD | grep -qx "dist/$$tag" || { echo "there is no tag dist/$$tag here" >&2; exit 1; }; } && \
	{ grep -q "^	github.com/turnstile-go/turnstile $$tag$$" dist/go.mod || { echo "dist/go.mod does not require $$tag" >&2; exit 1; }; } && \
	$(GO) build -buildvcs=true -trimpath -o build/turnstile ./cmd/turnstile && \
	{ build/turnstile version | grep -q "^turnstile $$tag " || { echo "the program does not say $$tag but $$(build/turnstile version)" >&2; exit 1; }; }
	PATH="$(TOOLS):$$PATH" goreleaser release --clean

.PHONY: stranger
stranger: ## what strangers do, with empty caches: install it, import it, test a module of their own with the oldest and newest of VERSIONS
	.github/stranger.sh $(firstword $(VERSIONS)) $(lastword $(VERSIONS))

# The packages whose exported names importers use: those below sync2, and those of the module dist.
API = github.com/turnstile-go/turnstile/sync2 github.com/turnstile-go/turnstile/dist

.PHONY: api
api: ## print how the exported API differs from that of the last tag; fails if importers could break
	@tag=$$(git describe --tags --abbrev=0 --match 'v*' 2>/dev/null) || { echo "there is no tag to compare with"; exit 0; }; \
	old=$$(mktemp -d) && trap 'git worktree remove --force "$$old"/tree; rm -r "$$old"' EXIT && \
	git worktree add --quiet --detach "$$old"/tree "$$tag" && bad= && \
	for p in $(API); do \
		case $$p in */dist) dir=dist ;; *) dir=. ;; esac && echo "$$p since $$tag:" && \
		{ (cd "$$old"/tree/$$dir && $(APIDIFF) -m -w "$$old"/export $$p) && \
		(cd $$dir && $(APIDIFF) -m "$$old"/export $$p && $(APIDIFF) -m -incompatible "$$old"/export $$p >"$$old"/bad); } 2>"$$old"/errors || \
		{ cat "$$old"/errors >&2; exit 1; }; \
		if test -s "$$old"/bad; then bad=yes; fi; \
	done && \
	if test "$$bad"; then echo "importers could break: say so in CHANGELOG.md, and raise the minor version" >&2; exit 1; fi
