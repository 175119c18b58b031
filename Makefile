# The front door. `make run` and `make test` install what they need; everything else expects that one of them ran.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.PHONY: help run build test server-side browser-side needs-run needs-test format lint lint-server lint-browser walls check-deploy deny unit \
  end2end dev bench proof fuzz-api clean

cargo := tools/cargo
# Of cargo: `release` is shipped and measured, `quick` is tested (Cargo.toml). Without the prefix VIGIA_: of that name the server
# takes no variable that it does not know.
export BUILD_PROFILE ?= release
binary := $(abspath $(or $(CARGO_TARGET_DIR),target))/$(BUILD_PROFILE)/vigia
# Lies in what a release of the bundles leaves behind, and not in what a quick one does.
bundled := dist/.release
# Whether the advisories were looked at: tools/deny.sh says it.
advisories := $(or $(CARGO_TARGET_DIR),target)/advisories.said
# Whether the API was fuzzed: tools/fuzz-api.sh says it.
fuzzed := $(or $(CARGO_TARGET_DIR),target)/fuzz-api.said
# Runs the shell's $$step and says how long it took.
timed = begun=$$(date +%s); $(MAKE) $$step; echo "make $$step: $$(($$(date +%s) - begun)) s"
# What the browser's files are made of.
sources := $(shell find Cargo.toml Cargo.lock app domain style public tools -type f \
  -not -path '*/node_modules/*' -not -path '*/tests/*')

help: ## what there is to make
	@sed -nE 's/^([a-z0-9-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

run: build ## build what changed, start the desk on ./data and print its addresses
	exec $(binary) serve

build: needs-run $(bundled) ## the server and what browsers load, as they are shipped
	$(cargo) build --profile $(BUILD_PROFILE)

$(bundled): $(sources) | needs-run
	tools/bundle.sh

needs-run:
	@tools/needs.sh run

needs-test:
	@tools/needs.sh test

test: export BUILD_PROFILE := quick
test: needs-test ## everything that can fail
	$(MAKE) --jobs=2 --output-sync=line server-side browser-side
	$(MAKE) fuzz-api FUZZ_S=120 FUZZ_SEED=1
	$(MAKE) end2end
	@echo "make test: all passed; $$(cat $(advisories)); $$(cat $(fuzzed))"

# Both sides at once, each one thing after the other: either leaves a core idle now and then. Each step says its seconds.
server-side:
	for step in format walls check-deploy deny lint-server unit; do $(timed); done
browser-side:
	for step in lint-browser $(bundled); do $(timed); done

lint: format lint-server lint-browser ## formatting, and clippy on both sides

lint-server:
	$(cargo) clippy --profile $(BUILD_PROFILE) --all-targets -- -D warnings

lint-browser:
	$(cargo) clippy --profile wasm-release -p form -p track -p workspace -p admin -p wall -p verify --features app/hydrate \
	  --target wasm32-unknown-unknown -- -D warnings

format:
	$(cargo) fmt --all --check

walls: ## who may use what
	tools/walls.sh

check-deploy: ## the files of operators, by the programs that are here to read them
	deploy/check.sh

deny: ## licences, sources, bans and advisories of the dependencies
	tools/deny.sh

unit: ## every cargo test, the store's on SQLite and on a PostgreSQL server of its own
	tools/postgres.sh $(cargo) test --profile $(BUILD_PROFILE) --no-fail-fast

end2end: build ## the product in a browser
	cd end2end && VIGIA_BIN=$(binary) VIGIA_CHROMIUM=$${VIGIA_CHROMIUM:-$$(command -v chromium)} ../tools/postgres.sh npx playwright test

dev: needs-run ## build and restart at every change
	tools/dev.sh

bench: build ## the figures
	tools/bench.sh

proof: export PYTHONDONTWRITEBYTECODE := 1
proof: build ## a year of mail through the door, on both engines; the desk is killed 50 times
	VIGIA_BIN=$(binary) python3 bench/proof.py
	VIGIA_BIN=$(binary) tools/postgres.sh python3 bench/proof.py

# Of schemathesis: for how many seconds it asks, and its seed; none is another one each time.
FUZZ_S ?= 3600
FUZZ_SEED ?=
fuzz-api: build ## the API against its document for an hour; make test does it for two minutes
	VIGIA_BIN=$(binary) tools/fuzz-api.sh $(FUZZ_S) $(FUZZ_SEED)

clean: ## forget what was built; ./data stays
	rm -rf target dist end2end/test-results end2end/playwright-report
