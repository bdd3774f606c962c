# The VM: what needs a kernel with every cgroup controller, systemd, AppArmor or
# SELinux, see tests/vm/README.md. The image is made once for what is in tests/vm/image.

DEPS_VM := qemu-system-x86 debootstrap debian-archive-keyring e2fsprogs mount xz-utils

.PHONY: deps-vm test-vm
deps-vm: deps-build ## install what `make test-vm` needs
	$(Q)hack/deps.sh $(DEPS_VM)

# BOOTS= names some of the suite's boots.
test-vm: all deps-vm $(TALLY) ## run tests in a virtual machine with systemd, AppArmor and SELinux
	$(Q)GO='$(GO)' CREEL=$(BIN)/creel TAGS=$(TAGS) $(TALLY) run $@ tests/vm/run.sh $(BOOTS)
