# staticcheck is pinned, and built from the module cache; it is no dependency
# of creel's own go.mod.
STATICCHECK_VERSION := v0.8.2
STATICCHECK := build/tools/staticcheck-$(STATICCHECK_VERSION)
$(STATICCHECK):
	@echo '  GO       $@'
	$(Q)mkdir -p $(@D)
	$(Q)CGO_ENABLED=0 GOBIN=$(CURDIR)/build/tools $(GO) install honnef.co/go/tools/cmd/staticcheck@$(STATICCHECK_VERSION)
	$(Q)mv build/tools/staticcheck $@
