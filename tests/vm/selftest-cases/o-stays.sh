# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# And a test that nobody can clean up after.
DESCRIPTION="leaves a mount that is in use"
NVDIMMS=""

in_use() { [ "$(readlink "/proc/$user/cwd")" = /mnt/busy ]; }

test()
{
	local user

	mkdir -p /mnt/busy
	mount -t tmpfs busy /mnt/busy
	(
		cd /mnt/busy || exit
		echo "$BASHPID" >"$CGROUP/cgroup.procs"
		exec setsid sleep 1000
	) &
	user=$!
	wait_for 10 in_use
}
