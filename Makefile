# Two commands are enough: `make run` (a demonstration district) and `make test`. Both prepare what they need.

VENV = .venv
BIN = $(VENV)/bin
PORT = 8000
PYTHON =

.PHONY: help install run test coverage lint bench lock clean

help:
	@echo "make run      the demonstration district on http://127.0.0.1:$(PORT)"
	@echo "make test     every test this machine can run"
	@echo "make coverage the same, with what they reach (takes longer)"
	@echo "make install  $(VENV) with everything, development tools too"
	@echo "make lint     ruff, mypy --strict, import rules"
	@echo "make bench    measured ratios"
	@echo "make lock     pin requirements/*.txt anew"
	@echo "make clean    removes $(VENV) and caches, never var/"

# One stamp a set of packages. The larger set holds the smaller one in the same versions, so it stamps both.
$(VENV)/.server: pyproject.toml requirements/server.txt requirements/install.sh
	@PYTHON="$(PYTHON)" sh requirements/install.sh server

$(VENV)/.dev: pyproject.toml requirements/dev.txt requirements/install.sh
	@PYTHON="$(PYTHON)" sh requirements/install.sh dev

install: $(VENV)/.dev

run: $(VENV)/.server
	@exec env BROADCAST_DATA_DIR=var/demo $(BIN)/broadcast serve --demo --host 127.0.0.1 --port $(PORT)

# A file's tests stay in one worker: servers and stations are started once a file.
test: $(VENV)/.dev
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

coverage: ARGS += --cov --cov-report=term
coverage: test

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev
	@$(BIN)/python -m bench

# The largest set first; the smaller ones take its versions, so that one .venv serves `run` and `test` alike.
LOCK = $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes --upgrade \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	pyproject.toml requirements/build.in

lock: $(VENV)/.dev
	$(LOCK) --extra server --extra dev -o requirements/dev.txt
	$(LOCK) --extra server -c requirements/dev.txt -o requirements/server.txt
	$(LOCK) -c requirements/dev.txt -o requirements/station.txt

clean:
	rm -rf $(VENV) build dist *.egg-info htmlcov .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache \
		.hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
