# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Prints where the functions of the kernel are; the same at every boot without randomisation.
DESCRIPTION="kernel symbols"
KERNELS="6.12"
NVDIMMS=""
APPEND=nokaslr
EXCLUSIVE=1

test()
{
	awk 'NF == 3 && $2 ~ /[tTwW]/ { print "# SYMBOL", $0 }' /proc/kallsyms
}
