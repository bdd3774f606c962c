# Container engines run their containers with RUNTIME (creel): a tier each. What differs with RUNTIME=runc is creel's,
# what does not is the engine's or the machine's. With RELEASE (testing, trixie) the engine is that of another release
# of Debian, which is unpacked below build/ and lies over the machine's in the tests' own world; engine-NAME-testing is
# the same as a tier of its own.
#
# A further engine is its name in ENGINES (test.mk), its Debian packages, and a line for `make help`; its tests are
# tests/NAME, and TESTS_NAME more. NEWER_NAME are packages that later releases have beside those.

engine-containerd: ## run containers with containerd and RUNTIME (creel)
DEPS_containerd  := containerd
TESTS_containerd := ./tests/engines

engine-cri: ## run pods as Kubernetes does, by containerd's CRI plugin and RUNTIME (creel)
DEPS_cri := containerd containernetworking-plugins iptables

engine-docker: ## run containers and a swarm with dockerd and RUNTIME (creel)
DEPS_docker  := docker.io tini iptables iproute2
NEWER_docker := docker-cli docker-buildx

engine-podman: ## run containers and pods with podman and RUNTIME (creel), also as an ordinary user
DEPS_podman  := podman conmon netavark aardvark-dns slirp4netns uidmap catatonit iptables tzdata
NEWER_podman := nftables

engine-fromdocker: ## take a container from Docker to a bundle with creel-bundle, and compare the two
DEPS_fromdocker := docker.io docker-registry tini iptables iproute2

ENGINE_ROOT = $(if $(RELEASE),$(CURDIR)/build/engines-$(RELEASE))

# The test programs are programs in containers too, where no library is.
$(ENGINE_TIERS): engine-%: deps-engine-% all $(TALLY)
	$(Q)CGO_ENABLED=0 ENGINE_ROOT=$(ENGINE_ROOT) RUNTIME="$$(realpath "$$(command -v $(RUNTIME))")" \
		$(TALLY) run $@$(addprefix -,$(RELEASE)) $(GOTEST) -p 1 $(TESTS_$*) ./tests/$*

.PHONY: $(addprefix deps-,$(ENGINE_TIERS))
$(addprefix deps-,$(ENGINE_TIERS)): deps-engine-%: deps-build
	$(Q)hack/deps.sh $(DEPS_$*) $(DEPS_DEMO)
	$(Q)$(if $(RELEASE),hack/newer.sh $(RELEASE) $(ENGINE_ROOT) $(DEPS_$*) $(NEWER_$*))

.PHONY: $(addsuffix -testing,$(ENGINE_TIERS))
$(addsuffix -testing,$(ENGINE_TIERS)): %-testing:
	$(Q)$(MAKE) RELEASE=testing $*

.PHONY: engines deps-engines
deps-engines: deps-build
	$(Q)hack/deps.sh $(sort $(foreach e,$(ENGINES),$(DEPS_$e)) $(DEPS_DEMO))

engines: ## run all tests of container engines with RUNTIME (creel)
	$(Q)$(MAKE) -k $(ENGINE_TIERS)

.PHONY: engines-testing
engines-testing: ## run them with the engines of Debian testing
	$(Q)$(MAKE) -k $(addsuffix -testing,$(ENGINE_TIERS))

# Newer peers as for `make bench`. crun wants no cgroup v2 beside v1.
.PHONY: bench-engines
bench-engines: deps-engines deps-bench all ## compare creel with crun and runc under engines: docs/bench-engines.json
	$(Q)CGO_ENABLED=0 $(GO) build -o build/tools/bench-engines ./tests/bench/engines
	$(Q)peers=$$(hack/peers.sh build/peers crun runc) || echo 'no newer peers than those of this release'; \
		hack/cgroup1.sh build/tools/bench-engines -creel $(BIN)/creel -out docs \
		-peer runc-debian12="$$(command -v runc)" -peer crun-debian12="$$(command -v crun)" \
		$${peers:+$$(printf -- '-peer %s ' $$peers)} $(BENCHFLAGS)
