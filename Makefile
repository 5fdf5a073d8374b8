# SPDX-License-Identifier: GPL-2.0
# make [KDIR=...] builds the modules and the tool; "make help" lists the rest.

KDIR ?= /lib/modules/$(shell uname -r)/build
J ?= $(shell nproc)

.PHONY: all modules tools check kunit vm bench install modules_install install-user clean help

all: modules tools

modules:
	$(MAKE) -C $(KDIR) M=$(CURDIR) -j$(J) modules

tools check install-user:
	$(MAKE) -C tools $@

clean:
	$(MAKE) -C $(KDIR) M=$(CURDIR) clean
	$(MAKE) -C tools clean

modules_install:
	$(MAKE) -C $(KDIR) M=$(CURDIR) INSTALL_MOD_DIR=updates/tmem modules_install

install: modules_install install-user

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
