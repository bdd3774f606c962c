# The Go programs, and the profile compiler that creel embeds.

# creel_embed embeds init and the profile compiler.
TAGS := creel_embed

comma := ,
LDFLAGS := -s -w -buildid= -X $(MODULE)/internal/version.Version=$(VERSION) \
	-X $(MODULE)/internal/version.Commit=$(COMMIT)

# A command of creel ends before its heap is ever collected. The collector of
# Go 1.26 keeps its marks inside every span, which costs a page fault for each
# span that is touched: without it `run` takes 0.91 of the time. Other releases
# of Go may not know the word.
GOEXP := $(shell GOEXPERIMENT=nogreenteagc $(GO) env GOEXPERIMENT >/dev/null 2>&1 && echo GOEXPERIMENT=nogreenteagc)
GOBUILD := $(GOEXP) $(GO) build -trimpath -buildvcs=false $(if $(OVERLAY),-overlay $(OVERLAY)) -tags $(TAGS)

# Everything that the programs are made of. The list itself goes into the stamp
# beside the version, so that a deleted file rebuilds as well as a changed one.
SOURCES := $(sort main.go $(wildcard go.mod go.sum) $(shell find internal libcontainer spec hooks cmd \
	-type f ! -name '*_test.go' ! -name '*.bin' ! -path '*/testdata/*' ! -path '*/csrc/*' 2>/dev/null))
STAMP := $(BUILD)/stamp

$(STAMP): FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(VERSION) $(COMMIT)' '$(TAGS)' $(SOURCES) | cmp -s - $@ || \
		printf '%s\n' '$(VERSION) $(COMMIT)' '$(TAGS)' $(SOURCES) > $@

# libseccomp is linked statically into a program of its own: cgo in creel
# itself would cost half a millisecond at every start.
COMPILER_SRC := $(sort $(wildcard cmd/creel-seccomp/*.go) $(shell find libcontainer/seccomp -name '*.go' ! -name '*_test.go' 2>/dev/null))
$(COMPILER): $(COMPILER_SRC) go.mod go.sum mk/creel.mk $(if $(SYSROOT),| $(SYSROOT)/.done)
	@echo '  GO       $@'
	$(Q)mkdir -p $(@D)
	$(Q)$(GOENV) $(CGOENV) CGO_ENABLED=1 $(GO) build -trimpath -buildvcs=false -tags netgo,osusergo \
		-ldflags '-s -w -buildid= -linkmode external -extldflags "-static -Wl,--build-id=sha1"' \
		-o $@ ./cmd/creel-seccomp
	$(Q)touch $@

ifneq ($(SYSROOT),)
$(SYSROOT)/.done:
	$(Q)hack/sysroot.sh $(ARCH) $(BUILD)/sysroot libseccomp-dev
endif

ifneq ($(OVERLAY),)
$(OVERLAY): mk/arch.mk
	$(Q)mkdir -p $(@D)
	$(Q)printf '{"Replace":{"%s":"%s","%s":"%s"}}\n' \
		'$(CURDIR)/libcontainer/initproc/init.bin' '$(CURDIR)/$(INIT)' \
		'$(CURDIR)/libcontainer/seccomp/compiler.bin' '$(CURDIR)/$(COMPILER)' > $@
endif

# The linker writes its output page by page through a mapping, and the kernel
# caches it in as many small pieces. Copied, as an installed program is, it is
# cached in large ones: a page fault in it takes 1.3 instead of 2.9 µs, and
# `run` 0.93 of the time.
COPY := mkdir -p $(BIN) && install -m 755

# Where creel starts, see internal/entry.
ENTRY := -E $(MODULE)/internal/entry.start

PROGRAMS := $(BIN)/creel $(patsubst cmd/%,$(BIN)/%,$(wildcard cmd/creel-bundle cmd/creel-netns))

# Only when the sources of the profile compiler are there does creel wait for it.
EMBEDDED := $(INIT) $(if $(wildcard cmd/creel-seccomp/*.go),$(COMPILER))

$(BIN)/creel: $(SOURCES) $(EMBEDDED) $(OVERLAY) $(STAMP)
	@echo '  GO       $@'
	$(Q)$(GOENV) CGO_ENABLED=0 $(GOBUILD) -ldflags '$(LDFLAGS) $(ENTRY)' -o $(BUILD)/creel.linked .
	$(Q)$(COPY) $(BUILD)/creel.linked $@

$(BIN)/creel-bundle $(BIN)/creel-netns: $(BIN)/%: $(SOURCES) $(STAMP)
	@echo '  GO       $@'
	$(Q)$(GOENV) CGO_ENABLED=0 $(GOBUILD) -ldflags '$(LDFLAGS)' -o $(BUILD)/$*.linked ./cmd/$*
	$(Q)$(COPY) $(BUILD)/$*.linked $@
