# Python 3.11 or newer is all that has to be here.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes --no-compile
# Ten times as fast. It reads no configuration of pip, so pip is asked where it cannot.
UV := $(RUN) -m uv pip install --quiet --require-hashes
install = sed -n '/^uv==/,/[^\]$$/p' $(1) | $(PIP) -r /dev/stdin && \
  { $(UV) -r $(1) 2> /dev/null || $(PIP) -r $(1); }
# Four analyzers and a Prometheus take two processors, so nothing runs beside them.
FOUR_MODELS := tests/system/test_end_to_end.py
PARALLEL := --numprocesses auto --dist loadfile
# Of the other systems, those that take longest begin.
LONGEST := tests/system/test_survival.py tests/system/test_pair.py tests/system
REQUIREMENTS := $(wildcard */requirements.txt)
SBOMS := $(patsubst %/Dockerfile,build/sbom/%.json,$(wildcard */Dockerfile))

# A module is compiled when it is imported first, and then kept for every process.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test check docker docs reload lint audit sbom pins fuzz model rules dashboards \
  detection bench scale soak storyline outage kills clean

help: ## what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

demo: $(VENV)/demo ## run the system on this machine and report which alerts fired
	@$(RUN) demo.py $(ARGS)

test: check ## lint, types, unit tests, rule tests, and the system end to end
	$(RUN) -m pytest -m "slow and not end_to_end" $(PARALLEL) $(ARGS)
	$(RUN) -m pytest -m end_to_end $(ARGS) $(FOUR_MODELS)
	$(RUN) -m pytest -m end_to_end $(PARALLEL) $(ARGS) $(LONGEST) tests \
	  --ignore $(FOUR_MODELS)

check: $(VENV)/ready lint ## lint, types, unit tests and rule tests: the quick one
	$(RUN) -m pytest -m "not end_to_end and not slow and not docker" $(PARALLEL) $(ARGS)

docker: $(VENV)/ready ## run two systems at once in Docker, and reload one
	$(RUN) -m pytest -m docker tests/docker $(ARGS)

# Not `docker compose kill --signal HUP`: Docker takes any signal of its own for the wish to
# stop, and no longer starts the container again when it ends.
reload: ## have Prometheus and Alertmanager in Docker read their configuration again
	docker compose exec -T prometheus promtool check config /etc/prometheus/prometheus.yml
	docker compose exec -T alertmanager amtool check-config /etc/alertmanager/alertmanager.yml
	docker compose exec -T prometheus sh -c 'kill -HUP 1'
	docker compose exec -T alertmanager sh -c 'kill -HUP 1'

docs: $(VENV)/ready ## build the documents as a site, in build/docs
	$(RUN) -m mkdocs build --strict --quiet

lint: $(VENV)/ready audit ## check format, style, types, and what is known to be unsafe
	$(RUN) -m ruff format --check .
	$(RUN) -m ruff check .
	$(RUN) .ci/words.py
	$(RUN) -m mypy model-monitor/model_monitor credit-analyzer/credit_analyzer \
	  loan-application-simulator/loan_application_simulator \
	  webhook-receiver/webhook_receiver grafana/model_dashboards \
	  prometheus/generate_rules.py stack report demo.py benchmarks

fuzz: $(VENV)/ready ## send 100,000 hostile inputs to everything that takes any (half an hour)
	HYPOTHESIS_PROFILE=long $(RUN) -m pytest tests/fuzz $(ARGS)

audit: $(VENV)/ready ## ask whether what is pinned has known vulnerabilities
	$(RUN) .ci/audit.py tests/requirements.txt

sbom: $(SBOMS) ## write down what each image holds, as CycloneDX, in build/sbom

build/sbom/%.json: %/requirements.txt | $(VENV)/ready
	@mkdir -p $(@D)
	$(VENV)/bin/cyclonedx-py requirements $< --output-reproducible --output-file $@

pins: $(VENV)/ready ## pin every requirements.in, and what it needs, with hashes
	@for part in tests $(filter-out tests,$(REQUIREMENTS:/requirements.txt=)); do \
	  $(VENV)/bin/uv pip compile $$part/requirements.in --output-file $$part/requirements.txt \
	    $$([ $$part = tests ] || echo --constraint tests/requirements.txt) \
	    --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	    --no-annotate --no-emit-index-url --custom-compile-command "make pins" \
	    --quiet $(ARGS) || exit; \
	done

model: $(VENV)/ready ## fit the shipped tree again, on the same applications
	@mkdir -p build
	PYTHONPATH=loan-application-simulator $(RUN) -m loan_application_simulator dataset \
	  --out build/applications.csv
	PYTHONPATH=credit-analyzer:model-monitor $(RUN) -m credit_analyzer.train \
	  build/applications.csv --outcome repaid --version 1.0.0

rules: $(VENV)/ready ## write the rules from their templates (ARGS="--runbook-url ... --grafana-url ...")
	$(RUN) prometheus/generate_rules.py $(ARGS)

dashboards: $(VENV)/ready ## write the JSON of the dashboards from their builders
	@PYTHONPATH=grafana $(RUN) -m model_dashboards

detection: $(VENV)/ready ## simulate how soon the rules find a shift (half an hour)
	PYTHONPATH=.:credit-analyzer:loan-application-simulator:model-monitor \
	  $(RUN) -m benchmarks.detection $(ARGS)

bench: $(VENV)/ready ## measure what monitoring costs the analyzer (half an hour)
	PYTHONPATH=.:credit-analyzer:loan-application-simulator:model-monitor \
	  $(RUN) -m benchmarks.performance $(ARGS)

scale: $(VENV)/ready ## measure what the monitor costs, for 1, 10 and 100 models
	PYTHONPATH=.:credit-analyzer:loan-application-simulator:model-monitor \
	  $(RUN) -m benchmarks.performance.scale $(ARGS)

soak: $(VENV)/ready ## drift and recovery for an hour, while components are killed
	PYTHONPATH=.:credit-analyzer:loan-application-simulator:model-monitor \
	  $(RUN) -m benchmarks.resilience.soak $(ARGS)

storyline: $(VENV)/ready ## run the demo ten times: how soon each alert fires (20 minutes)
	$(RUN) -m benchmarks.resilience.demo_latency $(ARGS)

outage: $(VENV)/ready ## stop Prometheus for ten minutes of a drift
	PYTHONPATH=.:loan-application-simulator $(RUN) -m benchmarks.resilience.outage $(ARGS)

kills: $(VENV)/ready ## kill the receiver a thousand times, and look what became of each alert
	PYTHONPATH=.:webhook-receiver $(RUN) -m benchmarks.resilience.killpoints $(ARGS)

clean: ## remove everything that was made here
	rm -rf $(VENV) .cache build

$(VENV)/ready: $(REQUIREMENTS) | $(VENV)/bin/python
	@echo "installing what the tests need into $(VENV) (about 1 GB, half a minute)"
	@$(call install,tests/requirements.txt)
	@touch $@ $(VENV)/demo

# A part of the above, unless that is there.
$(VENV)/demo: stack/requirements.txt | $(VENV)/bin/python
	@echo "installing what the demo needs into $(VENV) and .cache (about 750 MB, 20 seconds)"
	@$(RUN) -m stack.downloads.binaries > /dev/null & binaries=$$!; \
	  $(call install,stack/requirements.txt) && wait $$binaries
	@touch $@

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
