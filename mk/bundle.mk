# The companions: creel-bundle and creel-netns.

DEPS_BENCH_BUNDLE := umoci debootstrap busybox-static

.PHONY: bench-bundle
bench-bundle: all ## compare creel-bundle with umoci, tar and chown, and time the network hook: docs/bench-bundle.json
	$(Q)hack/deps.sh $(DEPS_BENCH_BUNDLE)
	$(Q)CGO_ENABLED=0 $(GO) build -o build/tools/bench-bundle ./tests/bench/bundle
	$(Q)build/tools/bench-bundle -bin $(BIN) -out docs $(BENCHFLAGS)
