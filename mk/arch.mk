# What is built, for which processor, and where it goes.
#
# A cross build keeps its own copies of the embedded files and shows them to
# the Go compiler through -overlay, so that the tree always holds the native
# ones and switching back and forth rebuilds nothing.

HOSTARCH := $(patsubst aarch64,arm64,$(patsubst x86_64,amd64,$(shell uname -m)))
CROSS ?=

ifeq ($(filter-out $(HOSTARCH),$(CROSS)),)
  ARCH     := $(HOSTARCH)
  CC       := $(if $(filter default,$(origin CC)),gcc,$(CC))
  BIN      := bin
  BUILD    := build
  INIT     := libcontainer/initproc/init.bin
  COMPILER := libcontainer/seccomp/compiler.bin
  OVERLAY  :=
  GOENV    :=
  CGOENV   := CC='$(CC)'
else ifeq ($(CROSS),arm64)
  ARCH     := arm64
  CC       := aarch64-linux-gnu-gcc
  BIN      := bin/arm64
  BUILD    := build/arm64
  INIT     := $(BUILD)/init.bin
  COMPILER := $(BUILD)/compiler.bin
  OVERLAY  := $(BUILD)/overlay.json
  GOENV    := GOOS=linux GOARCH=arm64
  # hack/sysroot.sh unpacks the foreign libseccomp here; the host's packages and
  # architectures stay as they are.
  SYSROOT  := $(CURDIR)/$(BUILD)/sysroot
  CGOENV   := CC='$(CC)' PKG_CONFIG_SYSROOT_DIR='$(SYSROOT)' \
              PKG_CONFIG_LIBDIR='$(SYSROOT)/usr/lib/aarch64-linux-gnu/pkgconfig'
else
  $(error CROSS=$(CROSS): creel is built for amd64 and arm64)
endif
