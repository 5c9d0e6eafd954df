# Everything that is done with this project, by name. CMake with presets is underneath; `make help` lists what is here.
# JOBS: how many things at once. ARGS: passed on to weir, to ctest (test) and to the benchmark (bench).
JOBS ?= $(shell nproc)
FUZZ_SECONDS ?= 60
PREFIX ?= /usr/local
ARGS ?=
# Building as one does the least: no tests to link for somebody who only wants to run it.
BUILD = cmake --preset $(1) $(if $(wildcard build/$(1)/CMakeCache.txt),> /dev/null,) && cmake --build --preset $(1) -j $(JOBS)

.PHONY: help run build test bench fmt lint asan tsan fuzz install clean
.DEFAULT_GOAL := help

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## build and start weir (ARGS="--config my.yaml")
	@build/release/weir serve $(ARGS)

build: packages-build ## build/release/weir
	@$(call BUILD,release) --target weir

test: packages-build packages-test node_modules-tests/integration ## all tests (ARGS="-R unit_core" for some)
	@$(call BUILD,release)
	@ctest --preset release -j 2 $(ARGS)

bench: packages-build packages-bench node_modules-bench ## side by side with nginx and Portkey
	@$(call BUILD,release) --target weir
	@$(call BUILD,bench)
	@python3 bench/run.py $(ARGS)

fmt: packages-lint ## format all C++
	@git ls-files -z --cached --others --exclude-standard '*.h' '*.cpp' | xargs -0 clang-format-14 -i

lint: packages-build packages-lint ## format, clang-tidy and house rules; warnings are errors
	@cmake --preset release > /dev/null
	@python3 tools/lint.py -j $(JOBS)

asan: packages-build packages-test ## unit and conformance tests under address and undefined behaviour sanitizers
	@$(call BUILD,asan)
	@ctest --preset asan -j 2 -LE integration $(ARGS)

tsan: packages-build packages-test ## the same under the thread sanitizer
	@$(call BUILD,tsan)
	@ctest --preset tsan -j 2 -LE integration $(ARGS)

fuzz: packages-build packages-fuzz ## each fuzz target for FUZZ_SECONDS
	@$(call BUILD,fuzz)
	@tools/fuzz.sh $(FUZZ_SECONDS)

install: build ## into PREFIX (default /usr/local)
	install -D -m 755 build/release/weir $(DESTDIR)$(PREFIX)/bin/weir

clean: ## remove everything that was built
	rm -rf build

packages-%:
	@tools/install_packages.sh $*

# Packages of node, when the lock file is newer than what is there.
node_modules-%:
	@if [ $*/package-lock.json -nt $*/node_modules/.package-lock.json ]; then npm ci --prefix $* --no-audit --no-fund --loglevel=error; fi
