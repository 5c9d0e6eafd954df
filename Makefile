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

.PHONY: help run build test agents bench fmt lint asan tsan fuzz mutants catalog identity-model install clean
.DEFAULT_GOAL := help

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## build and start weir (ARGS="--config my.yaml")
	@command -v weir > /dev/null || echo 'The commands of the tour are build/release/weir here; `make install` makes them `weir`.'
	@build/release/weir serve $(ARGS)

build: packages-build ## build/release/weir
	@$(call BUILD,release) --target weir

test: packages-build packages-test ## all tests (ARGS="-R unit_core" for some)
	@$(call BUILD,release)
	@$(call NODE_MODULES,tests/integration)
	@ctest --preset release -j 2 $(ARGS); status=$$?; tools/skipped.sh build/release; exit $$status

agents: ## fetch the coding agents that integration_agents runs (1 GB, into build/agents)
	@npm install --prefix build/agents --no-save --no-audit --no-fund --loglevel=error @anthropic-ai/claude-code@2.1.197 @openai/codex@0.171.0 @google/gemini-cli@0.61.0 opencode-ai@1.18.33

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

mutants: packages-build packages-test ## which of some 200 small wrongs do the tests notice? (ARGS="src/pipeline" for some)
	@$(call BUILD,release)
	@$(call NODE_MODULES,tests/integration)
	@tools/mutants $(ARGS)

catalog: build ## take the newest prices (npm package @pydantic/genai-prices) into catalog/prices.tsv
	@folder=$$(mktemp -d) && trap 'rm -r "$$folder"' EXIT && version=$$(npm view @pydantic/genai-prices version) && \
	date=$$(npm view @pydantic/genai-prices time --json | sed -n "s/.*\"$$version\": \"\([0-9-]*\)T.*/\1/p") && \
	npm pack --silent --pack-destination "$$folder" @pydantic/genai-prices@$$version > /dev/null && \
	tar -xzf "$$folder"/*.tgz -C "$$folder" && cp "$$folder/package/LICENSE" catalog/LICENSE.genai-prices && \
	build/release/weir catalog update "$$folder/package/dist/index.js" --date $$date --output catalog/prices.tsv \
	  --source "https://github.com/pydantic/genai-prices, npm package @pydantic/genai-prices $$version, $$date; MIT licence"

identity-model: packages-build ## train the model of person names and addresses anew (tools/identity)
	@$(call NODE_MODULES,tools/identity)
	@$(call BUILD,release) --target identity_trainer
	@mkdir -p build/identity && node tools/identity/corpus.mjs build/identity
	@build/release/identity_trainer build/identity tools/identity/model.bin

install: build ## into PREFIX (default /usr/local)
	@install -D -s -m 755 build/release/weir $(DESTDIR)$(PREFIX)/bin/weir
	@echo "installed: $(DESTDIR)$(PREFIX)/bin/weir"

clean: ## remove everything that was built
	rm -rf build

packages-%:
	@tools/install_packages.sh $*
