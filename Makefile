# SPDX-License-Identifier: GPL-2.0
# make [KDIR=...] builds the modules and the tool; "make help" lists the rest.

KDIR ?= /lib/modules/$(shell uname -r)/build
J ?= $(shell nproc)
RELEASE = $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' $(KDIR)/include/generated/utsrelease.h)
INSTALL_MOD_PATH ?= $(DESTDIR)
MODLIB = $(INSTALL_MOD_PATH)/lib/modules/$(RELEASE)
# The kernel's own build leaves this out: headers come without System.map.
depmod = [ -n "$(INSTALL_MOD_PATH)" ] || depmod $(RELEASE)

.PHONY: all modules tools check kunit vm bench clean help
.PHONY: install modules_install install-user uninstall dkms

all: modules tools

modules:
	$(MAKE) -C $(KDIR) M=$(CURDIR) -j$(J) modules

tools check install-user:
	$(MAKE) -C tools -j$(J) $@

clean:
	$(MAKE) -C $(KDIR) M=$(CURDIR) clean
	$(MAKE) -C tools clean

modules_install: modules
	@[ ! -e $(MODLIB)/updates/dkms/tmem.ko ] && [ ! -e $(MODLIB)/updates/dkms/tmem.ko.xz ] || \
		{ echo 'dkms has installed these modules, see "dkms status tmem"' >&2; exit 1; }
	$(MAKE) -C $(KDIR) M=$(CURDIR) INSTALL_MOD_PATH=$(INSTALL_MOD_PATH) \
		INSTALL_MOD_DIR=updates/tmem modules_install
	$(depmod)

install: modules_install install-user

uninstall:
	rm -rf $(MODLIB)/updates/tmem
	$(depmod)
	$(MAKE) -C tools uninstall-user

dkms: install-user
	$(MAKE) -C tools dkms-install

kunit:
	tests/kunit/run

vm:
	tests/vm/run

bench:
	bench/fio/run swap

help:
	@echo 'all              modules and tool (KDIR=headers of the kernel to build for)'
	@echo 'check            host tests of the tool and the on-media format'
	@echo 'kunit            KUnit suites'
	@echo 'vm               guest tests on Linux 6.12'
	@echo 'bench            swap benchmark in a guest'
	@echo 'install          modules, tool, man page, udev and modprobe rules (DESTDIR=)'
	@echo 'dkms             the same, with the modules built by dkms for every kernel'
	@echo 'uninstall        what install installed'
