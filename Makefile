# make demo | test | check | verify | readme | bench | wheel | clean: each sets up .venv by itself, once.
#
# Needs Python 3.11+ with venv, gcc and make (Debian, Ubuntu: apt install python3-venv gcc libc6-dev make).
# A stamp in .venv, named after pyproject.toml and this directory, says that everything is installed:
# while it is there pip is not called, so that all of this works offline.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV ?= .venv
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check -qq
STAMP := $(VENV)/.installed-$(shell { cat pyproject.toml; pwd; } | sha256sum | cut -c 1-16)
C_FILES := find sandbox exercises tests bench -name '*.[ch]' -print0

REPEAT ?= 5
# pytest's options; e.g. make test PYTEST="-x -k stuck"
PYTEST ?= -n auto

.PHONY: help demo docker test check verify readme bench wheel clean setup setup-dev needs-gcc

help:
	@echo 'make demo     grade a right and two wrong solutions, and show the reports'
	@echo 'make docker   the same in the Docker sandbox: sees to an engine, builds the image'
	@echo 'make test     run the test suite'
	@echo 'make check    ruff, mypy, clang-format'
	@echo 'make verify   prove the exercises: right solutions pass, wrong ones are caught (REPEAT=5)'
	@echo 'make readme   write the table of exercises in README.md anew, from their specifications'
	@echo 'make bench    measure, and compare with the targets'
	@echo 'make wheel    build dist/*.whl'
	@echo 'make clean    remove .venv and everything else that was made'

# --- the environment ------------------------------------------------------------------------

# The interpreter: $(PYTHON) if it is new enough, else the newest of the others.
find-python = for python in '$(PYTHON)' python3.13 python3.12 python3.11; do \
	if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then break; fi; python=; \
	done; \
	if [ -z "$$python" ]; then \
		echo 'make: Python 3.11 or newer is needed (Debian, Ubuntu: apt install python3 python3-venv); make PYTHON=/path/to/python3 names one' >&2; exit 2; \
	fi; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
		version=$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
		echo "make: $$python cannot make environments: apt install python3-venv (or python$$version-venv)" >&2; exit 2; \
	fi

# An environment whose interpreter is gone (or is another user's) is made again.
make-venv = if ! '$(VENV)/bin/python' -c '' 2>/dev/null; then \
	if ! mkdir -p '$(VENV)' 2>/dev/null || ! [ -w '$(VENV)' ]; then \
		echo "make: $(CURDIR)/$(VENV) cannot be written or used by $$(id -un): clone the project into a directory of your own" >&2; exit 2; \
	fi; \
	$(find-python); \
	echo "setting up $(VENV) with $$("$$python" --version)"; \
	"$$python" -m venv --clear '$(VENV)'; \
	fi

# Whatever pip complains of is shown, without the host that it was talking to.
install = $(PIP) install $(1) 2>&1 | sed -E 's,https?://[^/ ]*,https://...,g' >&2

setup: $(STAMP)
setup-dev: $(STAMP)-dev

$(STAMP):
	@$(make-venv)
	@echo 'installing the grader'
	@$(call install,--editable .)
	@rm -f '$(VENV)'/.installed-*
	@touch '$@'

$(STAMP)-dev:
	@$(make-venv)
	@echo 'installing the grader, with what its tests need'
	@$(call install,--editable '.[dev]')
	@rm -f '$(VENV)'/.installed-*
	@touch '$(STAMP)' '$@'

needs-gcc:
	@if ! command -v gcc >/dev/null; then \
		echo 'make: gcc is needed: apt install gcc libc6-dev' >&2; exit 2; \
	fi

# --- what there is to do --------------------------------------------------------------------

# Right, forgetful, stuck. The wrong ones exit with 1, which is what is shown here.
demo: setup needs-gcc
	@$(call play-demo,local)

# An engine that this starts goes on running (dockerd, as root).
docker: setup needs-gcc
	@.ci/docker-engine >/dev/null
	@'$(VENV)/bin/grader' sandbox build
	@$(call play-demo,docker)

play-demo = folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	grade() { \
		mkdir "$$folder/$$1"; cp "exercises/shm-counter/$$2" "$$folder/$$1/shm_counter.c"; \
		printf '\n%s\n$$ grader grade shm-counter %s --sandbox $(1)\n' "--- $$4" "$$1"; \
		status=0; (cd "$$folder" && '$(abspath $(VENV))/bin/grader' grade shm-counter "$$1" --sandbox $(1)) || status=$$?; \
		printf '(exit status %d)\n' "$$status"; \
		if [ "$$status" -ne "$$3" ]; then echo "make demo: exit status $$3 was expected" >&2; exit 1; fi; \
	}; \
	grade right reference/shm_counter.c 0 'a right solution'; \
	grade forgetful wrong/no-rmid.c 1 'one that never removes its shared memory segment'; \
	grade stuck wrong/no-setval.c 1 'one that waits for ever: its semaphore is never given a value'; \
	printf '\nnext: %s\n' '$(VENV)/bin/grader list'

test: setup-dev needs-gcc
	@'$(VENV)/bin/python' -m pytest $(PYTEST)

check: setup-dev
	'$(VENV)/bin/ruff' check --quiet .
	'$(VENV)/bin/mypy' --no-error-summary
	$(C_FILES) | xargs -0 '$(VENV)/bin/clang-format' --dry-run -Werror

verify: setup needs-gcc
	@'$(VENV)/bin/grader' verify --repeat $(REPEAT)

# What stands between the two comments is replaced.
readme: setup
	@table="$$(mktemp)" && trap 'rm -f "$$table"' EXIT && \
	'$(VENV)/bin/grader' list --course . --format markdown >"$$table" && \
	sed -i -e '/^<!-- the table/,/^<!-- end of the table/{//!d;}' -e "/^<!-- the table/r $$table" README.md

bench: setup needs-gcc
	@'$(VENV)/bin/python' -m bench.run

wheel: setup-dev
	@rm -rf dist
	@'$(VENV)/bin/python' -m build --wheel --no-isolation --outdir dist . >/dev/null
	@ls dist/*.whl

clean:
	rm -rf '$(VENV)' dist build .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
