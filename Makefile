# The commands of this repository; `make` alone lists them. Each is one line here, so that it can be read and
# run by hand just as well.

.DEFAULT_GOAL := help
.PHONY: help run test check faults fmt bench soak setup clean

help: ## List the commands
	@awk 'BEGIN { FS = ":.*## " } \
		/^## / { printf "\n%s\n", substr($$0, 4) } \
		/^[a-z-]+:.*## / { printf "  \033[1mmake %-7s\033[0m %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo

## Use it

run: ## Build and start Tare on SQLite with a demo upstream: prints the address, an API key and a curl line
	cargo run --release -p tare -- serve --demo

## Change it

test: ## Everything that must hold: check, then every test on SQLite and PostgreSQL with real clients
	@tools/test

check: ## The quick half: format, house rules, lint
	@tools/test check

faults: ## Put 57 likely mistakes into the money rooms, one at a time, and see each one caught
	tools/faults/run

fmt: ## Format the code
	cargo fmt --all

setup: ## Bring what the tests need: PostgreSQL, Python and npm packages, cargo-nextest
	@tools/setup

## Measure it

bench: ## What the books and the gateway take, on both databases, beside a baseline; writes benches/RESULTS.md
	tools/postgres with -- cargo bench -p benches --bench ledger -- --record --long
	cargo build --release -p tare
	tools/postgres with -- cargo bench -p benches --bench gateway -- --record
	cargo bench -p benches --bench audit --bench pages

soak: setup ## The tests at their release sizes, one at a time; takes hours
	TARE_TEST_SIZE=release PATH="$(CURDIR)/.tools/bin:$$PATH" \
		tools/postgres with -- cargo nextest run --release --workspace --profile soak --no-capture

## Tidy up

clean: ## Remove build output and the tools that `make setup` brought
	cargo clean
	rm -rf .tools
