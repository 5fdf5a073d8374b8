# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Is content, and so is the kernel, until the test has ended.
DESCRIPTION="passes, and then the kernel complains"
NVDIMMS=""

# complain_behind_end: as soon as the driver has marked the end of the test.
complain_behind_end()
{
	echo "$BASHPID" >"$CGROUP/cgroup.procs"
	exec setsid sh -c "sed -n '/tmem-test: end $TEST_NAME\$/q' && echo 'BUG: behind the end' >/dev/kmsg"
}

test() { complain_behind_end </dev/kmsg >/dev/null 2>&1 & }
