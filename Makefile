# creel is three small things in one file: a freestanding C init, a seccomp
# profile compiler (the only cgo program) and the Go program that embeds both.
# `make` builds them in that order; everything else is in mk/.
#
#   make            bin/creel (and its companions, where their sources exist)
#   make demo       build, then run a container that shows what it is
#   make test       everything, ending in `N passed, N failed, N skipped`
#   make help       every target
#
# Variables: CROSS=arm64 (cross-build into bin/arm64/), PREFIX, DESTDIR, CC, GO,
# V=1 (print the commands).

SHELL := /bin/sh
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory
Q := $(if $(V),,@)

# hack/go.sh runs the newest Go that it finds; one that is older than go.mod
# asks for fetches the right toolchain as a module.
GO ?= hack/go.sh
VERSION := $(shell hack/version.sh)
COMMIT  := $(shell git rev-parse HEAD 2>/dev/null)
MODULE  := github.com/creel-project/creel

include mk/arch.mk
include mk/init.mk
include mk/creel.mk
include mk/lint.mk
include mk/test.mk
include mk/engines.mk
include mk/bundle.mk
include mk/vm.mk
include mk/deps.mk

.PHONY: all
all: $(PROGRAMS) ## build bin/creel, bin/creel-bundle and bin/creel-netns (the default)

.PHONY: demo
demo: deps-demo ## install what is needed, build, and run a container that shows what it is
	$(Q)$(MAKE) all
	$(Q)BIN=$(BIN) hack/demo.sh

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
DATADIR ?= $(PREFIX)/share
SYSCONFDIR ?= /etc

.PHONY: install
install: all ## install programs, man pages, shell completions and LSM policies under $(DESTDIR)$(PREFIX)
	$(Q)BIN=$(BIN) BINDIR='$(DESTDIR)$(BINDIR)' DATADIR='$(DESTDIR)$(DATADIR)' SYSCONFDIR='$(DESTDIR)$(SYSCONFDIR)' hack/install.sh

.PHONY: clean
clean: ## remove everything that make built
	$(Q)rm -rf bin build libcontainer/initproc/init.bin libcontainer/seccomp/compiler.bin

.PHONY: help
help: ## list the targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z0-9-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' \
		$(MAKEFILE_LIST) | sort

# Make would otherwise look for rules that rebuild its own files.
Makefile $(wildcard mk/*.mk): ;

FORCE:
