# A short front door to CMakePresets.json and dev/scripts/. `make help` lists the targets.
SHELL := /bin/sh
.DEFAULT_GOAL := help
JOBS ?= $(shell nproc)
API_PORT ?= 4000
ADMIN_PORT ?= 4001
PROJECT ?= examples/customer-analytics
SECONDS ?= 20
TARGET ?=
CTEST := ctest --output-on-failure --no-tests=error
# A commit in DuckDB holds more locks than the thread sanitizer's search for deadlocks can count, which then aborts.
# At its end it would sleep a second for races of threads that remain; a start that is told to stop has less time than that.
SANITIZERS := ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1 \
  LSAN_OPTIONS=suppressions=$(CURDIR)/dev/sanitizers/lsan.supp \
  TSAN_OPTIONS=suppressions=$(CURDIR)/dev/sanitizers/tsan.supp:halt_on_error=1:detect_deadlocks=0:atexit_sleep_ms=0

# The modules that security.md names "the concurrent ones": the others are pure, or one thread's.
CONCURRENT := base telemetry transport credentials object_store duckdb local_executor serving refresh http api admin app

# The preset of the first argument, built; of the second, if given, only the targets named there.
define built
	@cmake --preset $(1) > /dev/null
	@cmake --build --preset $(1) --parallel $(JOBS) $(if $(2),--target $(2))
endef

.PHONY: help serve test test-stores build build-time setup fmt fmt-check modules tidy asan tsan bench fuzz soak deb deb-check sbom deploy-check \
  replicas-check kubernetes-check image-check docs-check fresh-machine clean

help: ## what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' Makefile

serve: setup ## build, and serve examples/customer-analytics on 4000 and 4001 (PROJECT=, API_PORT=, ADMIN_PORT=)
	$(call built,release,offloader)
	@exec build/release/bin/offloader serve $(PROJECT) --api-port $(API_PORT) --admin-port $(ADMIN_PORT)

test: ## build, and run every test
	@dev/scripts/setup.sh --tools test
	$(call built,release)
	@$(CTEST) --test-dir build/release -j 2 --output-log $(CURDIR)/build/release/ctest.log

test-stores: setup ## the object stores against real servers: Ceph's radosgw and nginx (a minute to start them)
	@dev/scripts/setup.sh --tools stores
	$(call built,release,offloader_object_store_servers_test)
	@$(CTEST) --test-dir build/release -C Stores -L stores

build: setup ## build the program in release mode: build/release/bin/offloader
	$(call built,release,offloader)

build-time: setup ## how long a clean release build takes, without ccache
	@JOBS=$(JOBS) dev/scripts/build-time.sh

setup: ## install what is missing to build: Debian packages, and DuckDB into .deps/
	@dev/scripts/setup.sh

fmt: ## format the sources in place
	@dev/scripts/setup.sh --tools format
	@dev/scripts/for-each-source.sh clang-format-16 -i

fmt-check: ## fail where a source is not formatted
	@dev/scripts/setup.sh --tools format
	@dev/scripts/for-each-source.sh clang-format-16 --dry-run --Werror

modules: ## write the table of modules into docs/architecture.md; fail where it was stale, or a module uses what it does not list
	@dev/scripts/check-modules --write

tidy: ## clang-tidy
	@dev/scripts/setup.sh --tools tidy
	@cmake --preset tidy > /dev/null
	@dev/scripts/tidy.sh

asan: setup ## build and test with the address and undefined-behaviour sanitizers
	$(call built,asan)
	@$(SANITIZERS) $(CTEST) --test-dir build/asan -j 2

tsan: setup ## build and test the modules that share state between threads, with the thread sanitizer
	$(call built,tsan,$(CONCURRENT:%=offloader_%_test))
	@$(SANITIZERS) $(CTEST) --test-dir build/tsan -j 2 -R '^($(subst $(eval ) ,|,$(CONCURRENT)))$$'

bench: ## build and run the benchmarks (TARGET=api_cached for one)
	@dev/scripts/setup.sh --tools bench
	$(call built,release)
	@dev/scripts/bench.sh $(TARGET)

fuzz: ## run the fuzzers over their seeds (TARGET=redactor for one, SECONDS=20 each)
	@dev/scripts/setup.sh --tools fuzz
	$(call built,fuzz,fuzzers)
	@$(SANITIZERS) dev/scripts/fuzz.sh $(SECONDS) $(TARGET)

soak: ## the long versions of the tests
	@dev/scripts/setup.sh --tools test
	$(call built,release)
	@OFFLOADER_SOAK=1 $(CTEST) --test-dir build/release -C Soak -L soak --timeout 14400

deb: setup ## build the Debian package
	@dev/scripts/deb.sh

deb-check: setup ## build the Debian package, install it in a fresh Debian 12, and call it there (root)
	@dev/scripts/deb-check.sh

sbom: setup ## the software bill of materials (CycloneDX) on standard output
	@dev/scripts/sbom.sh

deploy-check: setup ## build, boot the example, and check it as a rollout is checked
	$(call built,release,offloader)
	@dev/scripts/boot-and-check.sh

replicas-check: setup ## three replicas behind nginx and HAProxy: killed, drained, upgraded under load
	$(call built,release,offloader)
	@dev/scripts/replicas-check.sh

kubernetes-check: ## hold deploy/kubernetes against the schemas of the Kubernetes API
	@dev/scripts/kubernetes-check.sh

image-check: setup ## build the image with buildah over a fresh Debian root, look at it, boot it (root; PACKAGE= for a .deb that is there)
	@dev/scripts/image-check.sh $(if $(PACKAGE),--package $(PACKAGE))

docs-check: ## links, references and commands of the documents (ctest runs it too)
	@dev/scripts/docs-check

fresh-machine: ## the README's commands and the quickstart in a fresh Debian 12 (root)
	@dev/scripts/fresh-machine.sh

clean: ## remove what was built; .deps/ stays
	rm -rf build
