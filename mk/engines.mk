# Container engines run their containers with RUNTIME (creel): a tier each. What differs with RUNTIME=runc is creel's,
# what does not is the engine's or the machine's.
#
# A further engine is its name in ENGINES (test.mk), its Debian packages, and a line for `make help`; its tests are
# tests/NAME, and TESTS_NAME more.

engine-containerd: ## run containers with containerd and RUNTIME (creel)
DEPS_containerd  := containerd
TESTS_containerd := ./tests/engines

engine-cri: ## run pods as Kubernetes does, by containerd's CRI plugin and RUNTIME (creel)
DEPS_cri := containerd containernetworking-plugins iptables

engine-docker: ## run containers and a swarm with dockerd and RUNTIME (creel)
DEPS_docker := docker.io tini iptables iproute2

engine-podman: ## run containers and pods with podman and RUNTIME (creel), also as an ordinary user
DEPS_podman := podman conmon netavark aardvark-dns slirp4netns uidmap catatonit iptables tzdata

# The test programs are programs in containers too, where no library is.
$(ENGINE_TIERS): engine-%: deps-engine-% all $(TALLY)
	$(Q)CGO_ENABLED=0 RUNTIME="$$(realpath "$$(command -v $(RUNTIME))")" $(TALLY) run $@ $(GOTEST) -p 1 $(TESTS_$*) ./tests/$*

.PHONY: $(addprefix deps-,$(ENGINE_TIERS))
$(addprefix deps-,$(ENGINE_TIERS)): deps-engine-%: deps-build
	$(Q)hack/deps.sh $(DEPS_$*) $(DEPS_DEMO)

.PHONY: engines deps-engines
deps-engines: deps-build
	$(Q)hack/deps.sh $(sort $(foreach e,$(ENGINES),$(DEPS_$e)) $(DEPS_DEMO))

engines: ## run all tests of container engines with RUNTIME (creel)
	$(Q)$(MAKE) -k $(ENGINE_TIERS)

# Newer peers as for `make bench`. crun wants no cgroup v2 beside v1.
.PHONY: bench-engines
bench-engines: deps-engines deps-bench all ## compare creel with crun and runc under engines: docs/bench-engines.json
	$(Q)CGO_ENABLED=0 $(GO) build -o build/tools/bench-engines ./tests/bench/engines
	$(Q)peers=$$(hack/peers.sh build/peers crun runc) || echo 'no newer peers than those of this release'; \
		hack/cgroup1.sh build/tools/bench-engines -creel $(BIN)/creel -out docs \
		-peer runc-debian12="$$(command -v runc)" -peer crun-debian12="$$(command -v crun)" \
		$${peers:+$$(printf -- '-peer %s ' $$peers)} $(BENCHFLAGS)
