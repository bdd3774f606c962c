# Tests come in tiers. Each runs alone (`make test-unit`) and leaves a record in
# build/tally, from which `make test` adds up its last line. A tier that leaves
# no record counts as a failure.

# The container engines are tiers in engines.mk. Of those of Debian testing, which `make engines-testing` runs, the one
# is here that takes less than half a minute and says the most: pods with a containerd of today.
ENGINES := containerd cri docker podman fromdocker
ENGINE_TIERS := $(addprefix engine-,$(ENGINES))

NATIVE_TIERS := test-unit lint test-root test-root-v2 conformance conformance-v2 conformance-mutants $(ENGINE_TIERS) engine-cri-testing fuzz-smoke fuzz-readers smoke-arm64
TIERS := $(NATIVE_TIERS) test-vm

# The race detector needs cgo; the runtime itself is built without.
GOTEST := $(GO) test -json -count=1 -tags $(TAGS)

# Packages whose tests make containers, cgroups and mounts run one after the
# other, because each looks afterwards for what it left behind. They are the
# library itself and everything below tests/ but the tools, and but what runs in
# the VM only. The conformance tests are tiers of their own, as are those of container
# engines (engines.mk); what they are made of is tested like the tools.
TOOLS := -e '/tests/tally$$' -e '/tests/lint$$' -e '/tests/bench$$' -e '/tests/bench/engines$$' -e '/tests/bench/bundle$$' -e '/tests/vm$$' -e '/tests/conformance/requirements$$' -e '/tests/conformance/report$$'
ENGINE_TESTS := -e '/tests/engines$$' $(patsubst %,-e '/tests/%$$',$(ENGINES))
SUITE := -e '/tests/conformance$$' -e '/tests/conformance/mutants$$' -e '/tests/vm/'
ALL_PKGS = $(GO) list -tags $(TAGS) ./...
ROOT_PKGS = $(ALL_PKGS) | grep -e '/creel/libcontainer$$' -e '/creel/tests/' | grep -v $(TOOLS) $(SUITE) $(ENGINE_TESTS)
# Some test programs are programs in their containers too, where no library is.
ROOT_ENV = CGO_ENABLED=0 CREEL=$(CURDIR)/$(BIN)/creel
UNIT_PKGS = $(ALL_PKGS) | grep -v -e '/creel/libcontainer$$' -e '/creel/tests/'; \
	$(ALL_PKGS) | grep $(TOOLS)

TALLY := build/tools/tally
$(TALLY): $(wildcard tests/tally/*.go)
	$(Q)CGO_ENABLED=0 $(GO) build -o $@ ./tests/tally

.PHONY: test $(TIERS)
# The VM is a machine of its own, so it runs beside the others and says in the end what it has to say. All of them
# find their programs built, and packages installed.
test: deps-test ## install what is needed, build, and run every test
	$(Q)rm -rf build/tally
	$(Q)$(MAKE) -k all $(TALLY) || true
	$(Q)mkdir -p build; $(MAKE) test-vm >build/test-vm.log 2>&1 & $(MAKE) -k $(NATIVE_TIERS); wait; cat build/test-vm.log
	$(Q)$(MAKE) -s $(TALLY) && $(TALLY) sum $(TIERS)

test-unit: all $(TALLY) ## run the tests that need no privilege
	$(Q)pkgs=$$($(UNIT_PKGS)) && $(TALLY) run $@ $(GOTEST) -race $$pkgs

test-root: all $(TALLY) ## run the tests that need root and a real kernel, on the machine's own cgroups
	$(Q)pkgs=$$($(ROOT_PKGS)) && $(ROOT_ENV) $(TALLY) run $@ $(GOTEST) -p 1 $$pkgs

test-root-v2: all $(TALLY) ## run them again where cgroup v2 is at /sys/fs/cgroup
	$(Q)pkgs=$$($(ROOT_PKGS)) && $(ROOT_ENV) $(TALLY) run $@ hack/cgroup2.sh $(GOTEST) -p 1 $$pkgs

# RUNTIME is any runtime, by its path or from PATH.
RUNTIME ?= $(BIN)/creel
CONFORMANCE := build/conformance
ON_RUNTIME = CREEL="$$(realpath "$$(command -v $(RUNTIME))")" PROBE=$(CURDIR)/$(CONFORMANCE)/probe

.PHONY: conformance-programs conformance-peers
conformance-programs: all
	$(Q)mkdir -p $(CONFORMANCE)
	$(Q)CGO_ENABLED=0 $(GO) build -ldflags '-s -w' -o $(CONFORMANCE) ./tests/conformance/probe ./tests/conformance/wrong ./tests/conformance/report
	$(Q)CGO_ENABLED=0 $(GO) test -c -tags $(TAGS) -o $(CONFORMANCE)/suite ./tests/conformance

conformance: conformance-programs $(TALLY) ## hold RUNTIME (creel) to the runtime specification
	$(Q)$(ON_RUNTIME) $(TALLY) run $@ $(GOTEST) ./tests/conformance

conformance-v2: conformance-programs $(TALLY) ## the same where cgroup v2 is at /sys/fs/cgroup
	$(Q)$(ON_RUNTIME) $(TALLY) run $@ hack/cgroup2.sh $(GOTEST) ./tests/conformance

conformance-mutants: conformance-programs $(TALLY) ## look that each conformance test fails for a runtime that is wrong
	$(Q)CREEL=$(CURDIR)/$(BIN)/creel $(TALLY) run $@ $(GOTEST) ./tests/conformance/mutants

conformance-peers: deps-bench conformance-programs ## compare creel with its peers: docs/conformance.json, docs/conformance.md
	$(Q)peers=$$(hack/peers.sh build/peers crun runc) || echo 'no newer peers than those of this release'; \
		$(CONFORMANCE)/report -suite $(CONFORMANCE) -out docs creel=$(BIN)/creel crun=$$(command -v crun) runc=$$(command -v runc) $$peers

lint: all $(TALLY) $(STATICCHECK) ## run gofmt, vet, staticcheck and the project's own rules
	$(Q)$(TALLY) run $@ $(GO) run ./tests/lint -go $(GO) -staticcheck $(STATICCHECK) -tags $(TAGS) -creel $(BIN)/creel

# The fuzzer links init's own sources with a scripted kernel in the place of
# the real one (sys.h) and with the sanitizers.
FUZZ_DIR  := tests/fuzz
FUZZ_SRC  := $(wildcard $(FUZZ_DIR)/*.c)
FUZZ_HDR  := $(wildcard $(FUZZ_DIR)/*.h)
FUZZ_INIT := $(filter-out $(INIT_DIR)/arch_%.c $(INIT_DIR)/mem.c,$(wildcard $(INIT_DIR)/*.c))
FUZZER    := build/fuzz/init
SMOKE     ?= 60
FUZZTIME  ?= 3600

$(FUZZER): $(FUZZ_SRC) $(FUZZ_HDR) $(FUZZ_INIT) $(INIT_HDR) mk/test.mk
	@echo '  FUZZ     $@'
	$(Q)mkdir -p $(@D)
	$(Q)clang -g -O1 -fno-omit-frame-pointer -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=undefined -DGATE_TURNS=16 -Wl,--wrap=run_plan -I $(INIT_DIR) -o $@ $(FUZZ_SRC) $(FUZZ_INIT)

fuzz-smoke: $(FUZZER) $(TALLY) ## fuzz init for SMOKE seconds (60), from the committed corpus
	$(Q)$(TALLY) run $@ hack/fuzz.sh $(FUZZER) $(FUZZ_DIR)/corpus $(SMOKE)

# What strangers write: archives, descriptions of containers, journals.
READERS       := ./internal/bundle/...
SMOKE_READERS ?= 10

fuzz-readers: $(TALLY) ## fuzz creel-bundle's readers for SMOKE_READERS seconds each (10), from their committed corpora
	$(Q)GO=$(GO) $(TALLY) run $@ hack/fuzz-go.sh $(SMOKE_READERS) $(READERS)

.PHONY: fuzz
fuzz: $(FUZZER) ## fuzz init and the decoders for FUZZTIME seconds each (3600)
	$(Q)hack/fuzz.sh $(FUZZER) $(FUZZ_DIR)/corpus $(FUZZTIME)
	$(Q)GO=$(GO) hack/fuzz-go.sh $(FUZZTIME)

smoke-arm64: $(TALLY) ## cross-build for arm64 and run it once under qemu
	$(Q)$(MAKE) CROSS=arm64 all
	$(Q)$(TALLY) run $@ hack/smoke-arm64.sh bin/arm64/creel

.PHONY: bench
bench: deps-bench all ## compare creel with crun, runc and the kernel's floor: docs/bench.json, docs/bench.svg
	$(Q)CGO_ENABLED=0 $(GO) build -o build/tools/bench ./tests/bench
	$(Q)peers=$$(hack/peers.sh build/peers crun runc) || echo 'no newer peers than those of this release'; \
		CC=$(CC) build/tools/bench -creel $(BIN)/creel -out docs $${peers:+$$(printf -- '-peer %s ' $$peers)} $(BENCHFLAGS)
