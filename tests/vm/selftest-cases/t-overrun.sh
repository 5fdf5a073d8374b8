# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Where the beginning of the kernel log is lost, nobody knows what was in it.
DESCRIPTION="fails since its kernel log is not whole"
NVDIMMS=""

test()
{
	local line i

	echo "BUG: never seen" >/dev/kmsg
	echo on >/proc/sys/kernel/printk_devkmsg
	line="<7>$(printf %0900d 0)"
	# The buffer has 4 MiB.
	for ((i = 0; i < 6000; i++)); do
		echo "$line"
	done >/dev/kmsg
}
