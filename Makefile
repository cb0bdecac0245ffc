# Two commands do everything on a fresh machine: `make demo` and `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Workflows that deploy set it to requirements.txt, which has no linter and no test runner.
REQUIREMENTS ?= requirements-dev.txt
SOURCES := $(if $(filter requirements-dev.txt,$(REQUIREMENTS)),--no-binary pyvips) # has no wheel
STAMP := $(VENV)/.installed-$(REQUIREMENTS)
# It comes before each install, so that the job's tokens are not passed on to it.
TOKENLESS := $(PYTHON) pipeline/environment.py
ARCH ?= x86_64
# One more than two cores: the tests in the sandbox mostly wait.
WORKERS ?= 3

# This stands above `export`, because `export` defines the variables that it names: `?=` would then
# find them set, and empty.
STACK ?= dev
# Values are passed in the environment of the recipes and not in their text, so no value reaches the
# shell's parser.
export ADMINISTRATOR BASE COMMIT IMAGES NUMBER PICTURE PICTURES READER REPOSITORY RUN STACK UPLOADER

# With it, each of the hundreds of processes of the tests would compile the project's modules again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(STAMP): $(REQUIREMENTS)
	@command -v $(PYTHON) >/dev/null || { echo "thumbx needs Python 3.11 or later, and there is no $(PYTHON); install it, or name yours: make PYTHON=/path/to/python3 ..." >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else f"thumbx needs Python 3.11 or later; $(PYTHON) is {sys.version.split()[0]}. Run: make PYTHON=python3.13 ...")'
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	$(TOKENLESS) $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: $(SOURCES) -r $(REQUIREMENTS)
	@touch $@

PYTEST = $(BIN)/pytest -n $(WORKERS) --dist loadgroup

.PHONY: test
test: $(STAMP) ## unit, policy, program under mocks, handler, end to end in the sandbox, one engine life cycle
	$(PYTEST) $(ARGS)

.PHONY: check
check: lint ## the gate: lint, every test (slow ones and every scenario on the engine too), demo
	$(PYTEST) -m "not engine" $(ARGS)
	@$(MAKE) --no-print-directory demo
	$(PYTEST) -m engine tests/engine $(ARGS)

# A part of them each, slow ones too; ARGS go to pytest, such as ARGS="-k trust".
test-handler: PART = tests/handler ## what runs in Lambda; needs neither the layer nor an AWS
test-program: PART = tests/components tests/recording ## the program under mocks; builds the layer
test-sandbox: PART = tests/sandbox tests/soak tests/demo ## end to end: starts an emulator
test-proof: PART = tests/proof tests/policy ## the access matrix, the linters and the policy pack
test-audit: PART = tests/adopt tests/audit tests/reconcile ## the questions to deployed accounts, and work on them
test-pipeline: PART = tests/pipeline ## workflows and what they call, with stand-ins for the tools
test-bootstrap: PART = tests/bootstrap ## the roles of the workflows
test-runtime: PART = tests/runtime ## the artefact as it is deployed, on the Python of Lambda
test-engine: PART = tests/engine ## Pulumi's real engine on a pretend cloud, every scenario; `make engine` builds one
test-docs: PART = tests/docs tests/structure ## what the documents say, and how the code hangs together
TESTS := handler program sandbox proof audit pipeline bootstrap runtime engine docs
.PHONY: $(TESTS:%=test-%)
$(TESTS:%=test-%): $(STAMP)
	$(PYTEST) -m "" $(PART) $(ARGS)

# Only go.mod names the version; the workflows ask for it here.
ENGINE_SOURCE := tests/engine/source
ENGINE_VERSION = $(shell sed -n 's|.*/pulumi/pkg/v3 v\([0-9.]*\).*|\1|p' $(ENGINE_SOURCE)/go.mod)
ENGINE_PACKAGE := github.com/pulumi/pulumi/pkg/v3/cmd/pulumi
ENGINE_LINKED = -s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v$(ENGINE_VERSION)
.PHONY: engine engine-version
engine: ## Pulumi's command line for the tests, built with Go into build/engine/bin (minutes)
	@command -v go >/dev/null || { echo "make engine builds Pulumi's command line with Go, and there is no go; install it, or put a pulumi on the PATH" >&2; exit 2; }
	@test "$$(build/engine/bin/pulumi version 2>/dev/null)" = v$(ENGINE_VERSION) || \
		go build -C $(ENGINE_SOURCE) -mod=readonly -trimpath -ldflags "$(ENGINE_LINKED)" -o $(CURDIR)/build/engine/bin/pulumi $(ENGINE_PACKAGE)
engine-version:
	@echo version=$(ENGINE_VERSION) | tee -a "$${GITHUB_OUTPUT:-/dev/null}"

.PHONY: lint
lint: $(STAMP) lint-workflows lint-policies ## format, lint, types, workflows, and every policy
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright

LINTERS := build/lint
$(LINTERS)/.installed: requirements-lint.txt $(STAMP)
	@$(LINTERS)/bin/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m venv --clear $(LINTERS)
	$(LINTERS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.PHONY: lint-policies
lint-policies: $(LINTERS)/.installed layer ## two linters and a check of our own on every IAM document
	@$(BIN)/python -m proof.linting $(LINTERS)

SCANNERS := build/scan
$(SCANNERS)/%/.installed: requirements-%.txt $(STAMP)
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(SCANNERS)/$*
	$(TOKENLESS) $(BIN)/uv pip install --quiet --python $(SCANNERS)/$* --require-hashes -r $<
	@touch $@

.PHONY: scan
scan: $(SCANNERS)/checkov/.installed $(SCANNERS)/prowler/.installed layer ## checkov and prowler on every program (five minutes); fails on what docs/security.md does not answer
	@$(BIN)/python -m pipeline.scan $(SCANNERS)

.PHONY: mutants
mutants: $(STAMP) layer ## break policies in 2,400 ways, each must fail a test (an hour on two cores; ARGS=modules)
	@nice $(BIN)/python -m proof.mutating --workers $(WORKERS) $(ARGS)

.PHONY: fix
fix: $(STAMP) ## format, and what the linter can mend by itself
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: layer
layer: $(STAMP) ## the function's dependencies without bytecode, for sandbox, demo and tests
	@$(BIN)/python -m components.producer.package $(ARCH)

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock"
.PHONY: lock
lock: $(STAMP) ## refresh the pinned dependencies (UPGRADE=1 takes newer versions)
	$(LOCK) $(if $(UPGRADE),--upgrade) --group program -o requirements.txt
	$(LOCK) $(if $(UPGRADE),--upgrade) --no-emit-package jmespath --group layer -o requirements-layer.txt
	$(LOCK) $(if $(UPGRADE),--upgrade) --group layer-x86_64 -o requirements-layer-x86_64.txt
	$(LOCK) $(if $(UPGRADE),--upgrade) --group lint -o requirements-lint.txt
	$(subst --universal,,$(LOCK)) $(if $(UPGRADE),--upgrade) --group checkov -o requirements-checkov.txt
	$(subst --universal,,$(LOCK)) $(if $(UPGRADE),--upgrade) --group prowler -o requirements-prowler.txt
	$(LOCK) $(if $(UPGRADE),--upgrade) --group dev -c requirements.txt -c requirements-layer.txt -c requirements-layer-x86_64.txt -o requirements-dev.txt
	$(LOCK) $(if $(UPGRADE),--upgrade) --group runtime -o tests/runtime/requirements.txt
	$(LOCK) $(if $(UPGRADE),--upgrade) --group bench -c requirements-dev.txt -o benchmarks/requirements.txt

.PHONY: demo
demo: $(STAMP) ## deploy to an AWS on this machine, make thumbnails, show who may not (IMAGES=dir: yours too)
	@$(BIN)/python -m demo $(if $(IMAGES),--images "$$IMAGES")

.PHONY: play
play: $(STAMP) ## deploy to that AWS and leave it running, with profiles for `aws` and boto3
	@$(BIN)/python -m demo --play

.PHONY: sandbox
sandbox: $(STAMP) ## keep that AWS running, for `pulumi up --stack sandbox`
	@$(BIN)/python -m sandbox

.PHONY: matrix
matrix: layer ## who may do what, evaluated and tried: docs/access-matrix.md and .json
	@$(BIN)/python -m proof write

.PHONY: access
access: $(STAMP) ## who can do more or less than at a git revision, by every stack file (BASE=main)
	@$(BIN)/python -m proof access "$${BASE:-main}"

SECONDS ?= 60
.PHONY: options fuzz
options: $(STAMP) ## every option with its default, from the dataclasses: docs/options.md
	@$(BIN)/python -m components.configuration > docs/options.md

.PHONY: docs drawings
drawings: $(STAMP)
	@$(BIN)/python -m pipeline.drawings
docs: options matrix audit-policy runbook-page drawings ## every page and block that is made: options, matrix, rights, outputs in README and docs
	@$(BIN)/python -m pipeline.pages

fuzz: $(STAMP) ## mutated files into the pixel core for SECONDS (SEED repeats a run)
	@mkdir -p build/fuzz
	@$(BIN)/python -m tests.handler.fuzz $(SECONDS) $(SEED) 2>build/fuzz/log || { tail -40 build/fuzz/log; exit 1; }

.PHONY: soak
soak: layer ## 10,000 deliveries under every fault, then the sandbox under SIGKILL (SEED repeats a run)
	@$(BIN)/python -m tests.soak $(if $(SEED),--seed $(SEED)) $(ARGS)

build/bench/.installed: $(STAMP) benchmarks/requirements.txt benchmarks/package-lock.json
	@mkdir -p build/bench/node
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --upgrade --target build/bench/site -r benchmarks/requirements.txt
	@cp benchmarks/package.json benchmarks/package-lock.json build/bench/node
	@cd build/bench/node && npm ci --omit-lockfile-registry-resolved=true --no-fund --no-audit --loglevel=error >/dev/null
	@touch $@

.PHONY: bench
bench: build/bench/.installed ## pixels against sharp, pyvips and tutorial code; reconcile's rate (PIXELS=1: pixels alone)
	@PYTHONPATH=build/bench/site $(BIN)/python -m benchmarks $(if $(PIXELS),pixels)
	@$(if $(PIXELS),,$(BIN)/python -m tests.reconcile.measure 1e5)

.PHONY: bench-runtime
bench-runtime: build/bench/.installed ## cold start, first pictures, billed time and memory, as Lambda runs it
	@PYTHONPATH=build/bench/site $(BIN)/python -m tests.runtime.measure $(ARGS)

.PHONY: audit
audit: stack-layer ## who touched what, for example ARGS="who --since 24h"; docs/audit.md has the questions
	@$(BIN)/python -m audit $(or $(ARGS),--help)

.PHONY: reconcile
reconcile: $(STAMP) ## make thumbnails that are missing or old, after naming the price (ARGS="run --help")
	@$(BIN)/python -m reconcile $(or $(ARGS),--help)

.PHONY: adopt
adopt: $(STAMP) ## a bucket that has the pictures already: ARGS="check --stack dev"; docs/adopt.md
	@$(BIN)/python -m adopt $(or $(ARGS),--help)

.PHONY: audit-policy
audit-policy: $(STAMP) ## the rights that the audit needs, from its calls: docs/audit-policy.json
	@$(BIN)/python -m audit policy > docs/audit-policy.json

.PHONY: bench-audit
bench-audit: $(STAMP) ## the audit over 100,000 events: time, memory, and zcat | jq on the same files
	@$(BIN)/python -m tests.audit.measure

PIPELINE := $(BIN)/python -m pipeline

.PHONY: stack-layer
stack-layer: $(STAMP) ## what is deployed: with bytecode, by Python 3.13 (STACK=dev; OTHER_PYTHON=1)
	@$(TOKENLESS) $(PIPELINE) layer "$$STACK" $(if $(OTHER_PYTHON),--other-python)

.PHONY: init
init: $(STAMP) ## ask for accounts, region and people, check them, and write the stack file (STACK=dev)
	@$(PIPELINE) init "$$STACK"

.PHONY: preview
preview: stack-layer ## check tools, profiles and account ids, then `pulumi preview` (STACK=dev)
	@$(PIPELINE) preview "$$STACK" $(if $(BASE),--base "$$BASE")

.PHONY: up
up: stack-layer ## check the same, then `pulumi up` (STACK=dev)
	@$(PIPELINE) up "$$STACK"

.PHONY: smoke
smoke: $(STAMP) ## upload a picture to a deployed stack and wait for its thumbnails (UPLOADER, READER: profiles, the storage side's by default; PICTURE: yours)
	@$(PIPELINE) smoke "$$STACK" --uploader "$$UPLOADER" --reader "$$READER" $(if $(PICTURE),--picture "$$PICTURE")

.PHONY: old-key
old-key: $(STAMP) ## what is left under the key on the way from kms to s3 (ADMINISTRATOR: a profile)
	@$(PIPELINE) old-key "$$STACK" $(if $(ADMINISTRATOR),--profile "$$ADMINISTRATOR")

.PHONY: runbook runbook-page
runbook-page: $(STAMP)
	@$(PIPELINE) runbook-page > docs/runbook.md
runbook: $(STAMP) ## what to do when an alarm rings, with a stack's names (STACK=dev)
	@$(PIPELINE) runbook "$$STACK"

.PHONY: estimate
estimate: $(STAMP) ## what a month costs and how much it can take: PICTURES=1e6/day (MEGABYTES, READS, STACK)
	@$(PIPELINE) estimate "$$STACK" --pictures "$$PICTURES" --megabytes "$${MEGABYTES:-3}" --reads "$${READS:-0}"

# Other targets that the workflows call; see .github/workflows. `install` comes before the first
# credential: after it nothing is fetched any more.
.PHONY: environment install plugin deploy drift comment
environment: $(STAMP)
plugin: $(STAMP)
	@$(TOKENLESS) $(PIPELINE) plugin
install: stack-layer plugin
deploy: stack-layer
	@$(PIPELINE) deploy "$$STACK"
drift: stack-layer
	@$(PIPELINE) drift "$$STACK" $(if $(REPOSITORY),--repository "$$REPOSITORY")
comment: $(STAMP)
	@$(PIPELINE) comment "$$STACK" --repository "$$REPOSITORY" --number "$$NUMBER" \
		--commit "$$COMMIT" --run "$$RUN"

.PHONY: plugin-checksum
plugin-checksum: $(STAMP) ## write down the checksum of the pinned AWS plugin, as GitHub says it
	@$(PIPELINE) plugin-checksum

.PHONY: ruleset
ruleset: $(STAMP) ## what main's rules on GitHub lack (REPOSITORY=OWNER/NAME)
	@$(PIPELINE) ruleset "$$REPOSITORY"

.PHONY: lint-workflows
lint-workflows: $(STAMP)
	$(BIN)/zizmor --offline --quiet .github
	$(BIN)/python -m pipeline.workflows
