# What a bare Debian 12 lacks, target by target. Each looks first and installs
# only what is missing, so it costs a few milliseconds when all is there.

DEPS_BUILD := gcc libc6-dev libseccomp-dev pkg-config ca-certificates git
DEPS_DEMO  := busybox-static
DEPS_CROSS := gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static
DEPS_TEST  := clang debootstrap iproute2 uidmap procps strace e2fsprogs mount iptables containernetworking-plugins nftables firewalld dbus-daemon dbus-bin docker-registry $(DEPS_CROSS) $(DEPS_DEMO)
DEPS_BENCH := runc crun strace

.PHONY: deps deps-build deps-demo deps-test deps-bench deps-cross
deps: deps-build ## install (apt) what building needs, Go included

deps-build: ## the same, as a part of the others
	$(Q)hack/deps.sh $(DEPS_BUILD)
	$(Q)hack/deps-go.sh

deps-demo: deps-build ## install what `make demo` needs
	$(Q)hack/deps.sh $(DEPS_DEMO)

deps-test: deps-build deps-cross deps-vm deps-engines ## install what `make test` needs
	$(Q)hack/deps.sh $(DEPS_TEST)
	$(Q)hack/deps.sh "libclang-rt-$$(clang -dumpversion | cut -d. -f1)-dev"

deps-bench: deps-build ## install what `make bench` needs, the peers among it
	$(Q)hack/deps.sh $(DEPS_BENCH)

deps-cross: deps-build ## install what CROSS=arm64 and smoke-arm64 need
	$(Q)hack/deps.sh $(DEPS_CROSS)
