# SPDX-License-Identifier: GPL-2.0
# A kernel that captures a crash dump attaches nothing.
DESCRIPTION="nothing loads in a kdump kernel"
KERNELS="6.12 6.1 7.2"
APPEND="elfcorehdr=0x1000000"
EXCLUSIVE=1

cleanup()
{
	:
}

test()
{
	allow_dmesg 'Kdump: vmcore not initialized|elfcorehdr'
	must_fail modprobe tmem
	expect_dmesg 'kdump kernel'
}
