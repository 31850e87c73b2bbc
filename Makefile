# The front door. Each target is one script in scripts/, which can be called by itself as well.
.DEFAULT_GOAL := help
.PHONY: help setup build run test asan tsan fuzz lint format bench clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install every Debian package that building, testing and linting need
	@scripts/install-packages build web test suites sanitize lint bench browser

build: ## Build the program: build/release/berth
	@scripts/build release berth berth-seed

run: ## Build and start Berth on http://localhost:5000, data in ./data
	@scripts/run

test: ## Build and run every test that needs no network, on SQLite and PostgreSQL
	@scripts/test release

asan: ## The same tests under the address and undefined-behaviour sanitizers
	@scripts/test asan

tsan: ## The same tests under the thread sanitizer
	@scripts/test tsan

fuzz: ## Run every fuzz target for FUZZ_SECONDS each (default 20)
	@scripts/fuzz

lint: ## clang-tidy, clang-format, shellcheck and the OpenAPI contracts, changing nothing
	@scripts/lint

format: ## Format the C++ sources in place
	@scripts/format

bench: ## Measure against other registries and write the tables
	@scripts/bench $(ARGS)

clean: ## Remove what was built (never the data)
	@rm -rf build
