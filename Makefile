# `make` alone lists the targets.
VENV   ?= .venv
PYTHON ?= python3
BIN    := $(VENV)/bin
# Tests of MariaDB need the server's program, of the system's packages; .ci/run installs it.
MARIADB := $(shell PATH="$$PATH:/usr/sbin:/usr/local/sbin" command -v mariadbd)

.DEFAULT_GOAL := help
.PHONY: help install demo test score unit judge fuzz lint types bench prefect deploy trino lock clean

help:  ## list the targets
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/baikal: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Baikal needs Python 3.11 or newer; set PYTHON=python3.11")'
	@echo "installing into $(VENV): about a gigabyte, once" >&2
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q transforms connectors flows local_dev
	@touch $@

install: $(BIN)/baikal  ## the virtual environment, from the hashed lock file

demo: install  ## the whole river on the sample company
	$(BIN)/baikal demo

test: install lint types  ## lint, types and all tests that need nothing but Python (and those of MariaDB, if it is there)
	@$(if $(MARIADB),:,echo "left out: the tests of MariaDB, because there is no mariadbd; on Debian: apt-get install --no-install-recommends mariadb-server-core mariadb-client-core" >&2)
	$(BIN)/pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder -m "not trino and not clients and not long$(if $(MARIADB),, and not mariadb)"

unit: install  ## only what needs no server: half a minute
	$(BIN)/pytest --numprocesses 2 --dist worksteal --hypothesis-profile quick -m unit

score: install  ## how many recorded answers of Athena come out the same on DuckDB
	$(BIN)/python -m tests.parity.score

judge: install  ## a real Trino server, clients of AWS, hundreds of kills; needs mvn, a JDK of 24 or newer, a package index
	$(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder -m "(trino or clients or long)$(if $(MARIADB),, and not mariadb)"

fuzz: install  ## N random statements of a SEED on both engines, after make trino; differences in .baikal/fuzz
	$(BIN)/python -m tests.parity.fuzz --statements $(or $(N),1000) --seed $(or $(SEED),1)

lint: install  ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install  ## mypy, strict on the four packages
	$(BIN)/mypy

bench: install  ## speed and memory beside plain baselines; ARGS="--only startup" for a part
	$(BIN)/python -m local_dev.bench $(ARGS)

prefect: install  ## Prefect on this machine, running the sample company; ARGS=--once to stop after a run
	$(BIN)/python -m local_dev.prefect_server $(ARGS)

deploy: install  ## TARGET's flows, schedules and work pool to the Prefect server of PREFECT_API_URL; ARGS="--kind ecs"
	$(BIN)/python -m local_dev.deploy $(or $(TARGET),$(error write make deploy TARGET=dev)) $(ARGS)

trino: install  ## a real Trino server: the judge of "the same answer", and the target trino; ARGS=stop ends it
	$(BIN)/python -m local_dev.trino $(or $(ARGS),start)

lock: install  ## resolve pyproject.toml anew into requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --quiet --custom-compile-command "make lock" -o requirements.lock

clean:  ## the virtual environment and all local state
	rm -rf $(VENV) .baikal
