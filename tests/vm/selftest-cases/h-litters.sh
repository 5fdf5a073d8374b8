# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Leaves processes, a swap area, a mount and a cgroup behind; the next test must not see them.
DESCRIPTION="passes, and is cleaned up after"
NVDIMMS=""

test()
{
	mk_cgroup litter 64M
	run_in_cgroup litter sleep 1000 &
	(setsid sleep 1000 &)
	mkdir -p /mnt/litter
	mount -t tmpfs litter /mnt/litter
	touch /tmp/litter
}
