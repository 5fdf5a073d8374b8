# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# And a test that nobody can clean up after.
DESCRIPTION="leaves a mount that is in use"
NVDIMMS=""

test()
{
	mkdir -p /mnt/busy
	mount -t tmpfs busy /mnt/busy
	(
		cd /mnt/busy
		echo "$BASHPID" >"$CGROUP/cgroup.procs"
		exec setsid sleep 1000
	) &
	wait_for 10 eval '[ "$(readlink /proc/$!/cwd)" = /mnt/busy ]'
}
