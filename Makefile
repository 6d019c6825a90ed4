# Shortcuts for CMakePresets.json and dev/scripts/. `make help` lists the targets.
SHELL := /bin/sh
.DEFAULT_GOAL := help
JOBS ?= $(shell nproc)
API_PORT ?= 4000
ADMIN_PORT ?= 4001
PROJECT ?= examples/customer-analytics
SECONDS ?= 20
TARGET ?=
CTEST := dev/scripts/ctest.sh
# detect_deadlocks=0: a commit in DuckDB holds more locks than the deadlock detector of the thread sanitizer supports, so it would abort.
# atexit_sleep_ms=0: by default, the sanitizer sleeps for a second at exit, which is longer than a cancelled start may take.
SANITIZERS := ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1 \
  LSAN_OPTIONS=suppressions=$(CURDIR)/dev/sanitizers/lsan.supp \
  TSAN_OPTIONS=suppressions=$(CURDIR)/dev/sanitizers/tsan.supp:halt_on_error=1:detect_deadlocks=0:atexit_sleep_ms=0

# The modules that share state between threads (docs/architecture.md). The others are pure or single-threaded.
CONCURRENT := base telemetry audit identity limits usage transport credentials object_store duckdb local_executor serving refresh http api admin app

# $(call built,PRESET[,TARGETS]): builds the preset, or only the given targets of it.
define built
	@cmake --preset $(1) > /dev/null
	@cmake --build --preset $(1) --parallel $(JOBS) $(if $(2),--target $(2))
endef

.PHONY: help serve test test-stores build build-time setup fmt fmt-check modules tidy asan tsan bench fuzz soak deb deb-check sbom deploy-check \
  replicas-check kubernetes-check image-check docs-check fresh-machine clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' Makefile

serve: setup ## build, and serve examples/customer-analytics on 4000 and 4001 (PROJECT=, API_PORT=, ADMIN_PORT=)
	$(call built,release,offloader)
	@exec build/release/bin/offloader serve $(PROJECT) --api-port $(API_PORT) --admin-port $(ADMIN_PORT)

test: ## build and run every test
	@dev/scripts/setup.sh --tools test
	$(call built,release)
	@$(CTEST) build/release/ctest.log -j 2

test-stores: setup ## test the object stores with real servers, Ceph's radosgw and nginx (they take a minute to start)
	@dev/scripts/setup.sh --tools stores
	$(call built,release,offloader_object_store_servers_test)
	@$(CTEST) build/release/stores.log -C Stores -L stores

build: setup ## build the program in release mode: build/release/bin/offloader
	$(call built,release,offloader)

build-time: setup ## measure a clean release build without ccache
	@JOBS=$(JOBS) dev/scripts/build-time.sh

setup: ## install what is missing to build: Debian packages, and DuckDB into .deps/
	@dev/scripts/setup.sh

fmt: ## format the sources in place
	@dev/scripts/setup.sh --tools format
	@dev/scripts/for-each-source.sh clang-format-16 -i

fmt-check: ## fail if a source is not formatted
	@dev/scripts/setup.sh --tools format
	@dev/scripts/for-each-source.sh clang-format-16 --dry-run --Werror

modules: ## write the table of modules into docs/architecture.md; fail if it was stale or a module uses an unlisted one
	@dev/scripts/check-modules --write

tidy: ## run clang-tidy
	@dev/scripts/setup.sh --tools tidy
	@cmake --preset tidy > /dev/null
	@dev/scripts/tidy.sh

asan: setup ## build and test with the address and undefined-behaviour sanitizers
	$(call built,asan)
	@$(SANITIZERS) $(CTEST) build/asan/ctest.log -j 2

tsan: setup ## build and test the modules that share state between threads, with the thread sanitizer
	$(call built,tsan,$(CONCURRENT:%=offloader_%_test))
	@$(SANITIZERS) $(CTEST) build/tsan/ctest.log -j 2 -R '^($(subst $(eval ) ,|,$(CONCURRENT)))(_2)?$$'

bench: ## build and run the benchmarks (TARGET=query_compile_bench for one)
	@dev/scripts/setup.sh --tools bench
	$(call built,release)
	@dev/scripts/bench.sh $(TARGET)

fuzz: ## run the fuzzers over their seeds (TARGET=redactor for one, SECONDS=20 each)
	@dev/scripts/setup.sh --tools fuzz
	$(call built,fuzz,fuzzers)
	@$(SANITIZERS) dev/scripts/fuzz.sh $(SECONDS) $(TARGET)

soak: ## run the long versions of the tests
	@dev/scripts/setup.sh --tools test
	$(call built,release)
	@OFFLOADER_SOAK=1 $(CTEST) build/release/soak.log -C Soak -L soak --timeout 14400

deb: setup ## build the Debian package
	@dev/scripts/deb.sh

deb-check: setup ## build the Debian package, install it in a fresh Debian 12, and test it there (root)
	@dev/scripts/deb-check.sh

sbom: setup ## print the software bill of materials (CycloneDX)
	@dev/scripts/sbom.sh

deploy-check: setup ## build, boot the example, and check it like a rollout
	$(call built,release,offloader)
	@dev/scripts/boot-and-check.sh

replicas-check: setup ## kill, drain and upgrade replicas behind nginx and HAProxy under load
	$(call built,release,offloader)
	@dev/scripts/replicas-check.sh

kubernetes-check: ## validate deploy/kubernetes against the schemas of the Kubernetes API
	@dev/scripts/kubernetes-check.sh

image-check: setup ## build the image with buildah over a fresh Debian root, inspect and boot it (root; PACKAGE= uses an existing .deb)
	@dev/scripts/image-check.sh $(if $(PACKAGE),--package $(PACKAGE))

docs-check: ## check links, references and commands of the documents (ctest runs it too)
	@dev/scripts/docs-check

fresh-machine: ## run the README's commands and the quickstart in a fresh Debian 12 (root)
	@dev/scripts/fresh-machine.sh

clean: ## remove build/; .deps/ stays
	rm -rf build
