# Two commands matter: `make run` starts the engine against its embedded venue, `make test` checks everything.

SWIFT ?= swift
POLICY ?= policies/steady
PREFIX ?= /usr/local
DURATION ?=
# Of `make soak`: wall-clock hours, sessions before Ctrl-C included, and the folder for its state and summary.
HOURS ?= 8
OUT ?= .build/soak
SEED ?=
# Of `make mutants`: the one to try.
ONLY ?=
FAULTS ?=
KILLS ?= 500
MINUTES ?= 20
# Passed on to each `swift build` and `swift test`, such as JOBS=2.
JOBS ?=

SWIFT_FLAGS := $(if $(JOBS),--jobs $(JOBS))
RUN_FLAGS := --policy $(POLICY) $(if $(DURATION),--duration $(DURATION)) $(if $(SEED),--seed $(SEED)) \
	$(if $(FAULTS),--faults $(FAULTS))

.DEFAULT_GOAL := help
.PHONY: help run build test test-examples mutants conduct soak soak-crash soak-profiles soak-torn soak-walk soak-reload sanitize \
	fuzz-policy lint format release install clean hooks

help: ## What can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

run: build ## Run the engine against the embedded venue (DURATION= SEED= POLICY= FAULTS=)
	@.build/debug/reckon run --demo $(RUN_FLAGS)

build: ## Build for debugging, installing what is missing where that is allowed
	@.ci/install build
	@if [ -x .build/debug/reckon ]; then echo "==> Step 2 of 2: building what has changed (usually under 1 minute)"; \
	else echo "==> Step 2 of 2: fetching packages and building everything (5 to 10 minutes, only once)"; fi
	@$(SWIFT) build $(SWIFT_FLAGS) --product reckon

test: ## Lint, build and run every test, as .ci/run does
	@.ci/install test
	@.ci/lint
	@echo "==> Building the tests (5 to 10 minutes the first time)"
	@$(SWIFT) build $(SWIFT_FLAGS) --build-tests
	@.ci/seeds $(SWIFT) $(SWIFT_FLAGS)
	@.ci/mutants --quick $(if $(SWIFT_FLAGS),-- $(SWIFT_FLAGS))
	@.ci/examples $(SWIFT)
	@echo "==> Running the tests (about 5 minutes)"
	@.ci/tests $(SWIFT) $(SWIFT_FLAGS)

test-examples: ## The examples for Ray and Optuna, with processes killed (needs PyPI)
	@.ci/install test
	@$(SWIFT) build $(SWIFT_FLAGS) --configuration release --product reckon-simulate
	@.ci/examples $(SWIFT)

mutants: ## Break the engine in each of the ways of Tests/Mutants; the seeds have to notice (ONLY=NAME)
	@.ci/install build
	@.ci/mutants $(if $(ONLY),--only $(ONLY)) $(if $(SWIFT_FLAGS),-- $(SWIFT_FLAGS))

conduct: ## Write down anew what the engine does in the fixed seeds, where a change of it is meant
	@.ci/install build
	@$(SWIFT) build $(SWIFT_FLAGS) --configuration release --product reckon-simulate
	@"$$($(SWIFT) build --configuration release --show-bin-path)/reckon-simulate" batch .ci/seeds.list \
		--write-conduct .ci/seeds.conduct
	@git diff --stat -- .ci/seeds.conduct

soak: ## Simulate fresh seeds for HOURS=8 into OUT=.build/soak; Ctrl-C ends it, the same command goes on
	@.ci/install build
	@echo "==> Building reckon-simulate optimised (3 minutes the first time)"
	@$(SWIFT) build $(SWIFT_FLAGS) --configuration release --product reckon-simulate
	@exec "$$($(SWIFT) build --configuration release --show-bin-path)/reckon-simulate" soak --hours $(HOURS) --out $(OUT)

lint: ## Check layout, Lua and shell
	@.ci/lint

format: ## Lay out all Swift code
	@$(SWIFT) format --in-place --parallel --recursive Package.swift Sources Tests

release: ## Build optimised and print the binary's path
	@.ci/install build
	@echo "==> Building optimised (8 to 15 minutes the first time)"
	@$(SWIFT) build $(SWIFT_FLAGS) --configuration release --product reckon
	@$(SWIFT) build --configuration release --show-bin-path | sed 's|$$|/reckon|'

install: release ## Install the optimised binary and the policies under PREFIX
	@install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/share/reckon"
	@install -m 755 "$$($(SWIFT) build --configuration release --show-bin-path)/reckon" "$(DESTDIR)$(PREFIX)/bin/reckon"
	@cp -R policies "$(DESTDIR)$(PREFIX)/share/reckon/"
	@echo "==> Installed $(DESTDIR)$(PREFIX)/bin/reckon, policies in $(DESTDIR)$(PREFIX)/share/reckon/policies"

hooks: ## Let git check each commit by .ci/lint
	@git config core.hooksPath .githooks
	@echo "==> Commits are checked from now on"

clean: ## Remove what was built
	@rm -rf .build

soak-crash: build ## kill -9 at KILLS= random instants of live runs, and the figures (500: about 10 minutes)
	@.build/debug/reckon soak-live crash --kills $(KILLS) $(if $(SEED),--seed $(SEED)) $(if $(FAULTS),--faults $(FAULTS)) \
		--policy $(POLICY)

soak-profiles: build ## Runs of MINUTES= under every fault profile side by side, in one table of figures
	@.build/debug/reckon soak-live profiles --minutes $(MINUTES) $(if $(SEED),--seed $(SEED)) --policy $(POLICY)

soak-torn: ## Cut a journal's files at every single byte
	@RECKON_SOAK=1 $(SWIFT) test $(SWIFT_FLAGS) --filter '^ReckonJournalTests\.TornTests'

soak-walk: ## Every sequence of seven inputs through the order machine, optimised (15 minutes to build, 3 to run)
	@RECKON_WALK_DEPTH=7 $(SWIFT) test $(SWIFT_FLAGS) --configuration release \
		--filter '^ReckonEngineTests\.SequenceWalkTests'

soak-reload: ## RELOADS=1000 of good, broken and hostile policies while the engine ticks at 50 Hz
	@RECKON_RELOADS=$(or $(RELOADS),1000) $(SWIFT) test $(SWIFT_FLAGS) --filter ReloadLoadTests

sanitize: ## The hostile scripts through the policy host under address and undefined-behaviour sanitizers
	@Tests/PolicyHost/sanitize

fuzz-policy: ## Random scripts and policies, longer than the tests do (CASES=20000)
	@RECKON_FUZZ_CASES=$(or $(CASES),20000) RECKON_GUARD_SEEDS=2000 $(SWIFT) test $(SWIFT_FLAGS) \
		--filter '^ReckonPolicyTests\.(Fuzz|GuardPolicy)'
