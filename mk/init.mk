# init: a static C program without libc, some tens of kilobytes.

INIT_DIR  := libcontainer/initproc/csrc
INIT_ARCH := $(INIT_DIR)/arch_$(ARCH).c
INIT_SRC  := $(filter-out $(INIT_DIR)/arch_%.c,$(wildcard $(INIT_DIR)/*.c)) $(INIT_ARCH)
INIT_HDR  := $(wildcard $(INIT_DIR)/*.h)

# WERROR= builds with a compiler that warns about more than ours does.
WERROR ?= -Werror
WARNINGS := -Wall -Wextra $(WERROR)

# No unwinder, no stack protector, no PIE: each needs a run-time that a program
# without libc doesn't have. No build id, so that equal sources make equal files.
INIT_CFLAGS := -std=c11 -Os -ffreestanding -fno-stack-protector -fno-pie -fcf-protection=none \
	-fno-asynchronous-unwind-tables -fno-unwind-tables -ffunction-sections -fdata-sections \
	$(WARNINGS)
INIT_LDFLAGS := -no-pie -nostdlib -static -s -Wl,--gc-sections -Wl,-z,noexecstack \
	-Wl,--build-id=none
ifeq ($(ARCH),arm64)
  # -fcf-protection is x86's; outlined atomics would want libgcc.
  INIT_CFLAGS := $(filter-out -fcf-protection=none,$(INIT_CFLAGS)) -mno-outline-atomics
endif

$(INIT): $(INIT_SRC) $(INIT_HDR) mk/init.mk
	@echo '  CC       $@'
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(INIT_CFLAGS) $(INIT_LDFLAGS) -o $@ $(INIT_SRC)
