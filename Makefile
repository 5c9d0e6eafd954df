# Everything that is done with this project, by name. CMake with presets is underneath; `make help` lists what is here.
# JOBS: how many things at once. ARGS: passed on to weir, to ctest (test) and to the benchmark (bench).
JOBS ?= $(shell nproc)
FUZZ_SECONDS ?= 60
PREFIX ?= /usr/local
ARGS ?=
# $(call BUILD,preset): configures quietly, builds.
BUILD = cmake --preset $(1) > /dev/null && cmake --build --preset $(1) -j $(JOBS)
# $(call NODE_MODULES,folder): its npm packages, when the lock file is newer than what is there.
NODE_MODULES = if [ ! -e $(1)/node_modules/.package-lock.json ] || [ $(1)/package-lock.json -nt $(1)/node_modules/.package-lock.json ]; then npm ci --prefix $(1) --no-audit --no-fund --loglevel=error; fi

.PHONY: help run build test bench fmt lint asan tsan fuzz install clean
.DEFAULT_GOAL := help

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## build and start weir (ARGS="--config my.yaml")
	@build/release/weir serve $(ARGS)

build: packages-build ## build/release/weir
	@$(call BUILD,release) --target weir

test: packages-build packages-test ## all tests (ARGS="-R unit_core" for some)
	@$(call BUILD,release)
	@$(call NODE_MODULES,tests/integration)
	@ctest --preset release -j 2 $(ARGS)

bench: packages-build packages-bench ## side by side with nginx and Portkey
	@$(call NODE_MODULES,bench)
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
	@$(call BUILD,fuzz) --target fuzzers
	@tools/fuzz.sh $(FUZZ_SECONDS)

install: build ## into PREFIX (default /usr/local)
	install -D -m 755 build/release/weir $(DESTDIR)$(PREFIX)/bin/weir

clean: ## remove everything that was built
	rm -rf build

packages-%:
	@tools/install_packages.sh $*
