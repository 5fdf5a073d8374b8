# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Into the same kernel by kexec with pages stored: memory keeps its contents, and nothing of it is
# served afterwards.
DESCRIPTION="a kexec with pages stored leaves nothing behind"
KERNELS="6.12 6.1 7.2"
SUITE=full
DISKS="256M 64M"
EXCLUSIVE=1

# The driver of the second kernel. The name is as long as the one it stands for in the initramfs.
AFTER=/usr/local/bin/after-kexec1

cleanup()
{
	tmem_stop
}

requires()
{
	need_program kexec
	need_file /sys/kernel/kexec_loaded
}

# from_host PROPERTY FILE: what QEMU booted, its kernel or its initrd, by way of a disk.
from_host()
{
	local path

	path=$(host_monitor "qom-get /machine $1" | tr -d '"')
	host_monitor "qemu-io DISK2 \"write -s $path 0 32M\"" || true
	echo 1 >/proc/sys/vm/drop_caches
	cat "$DISK2" >"$2"
}

# cut_kernel FILE: leave what its header says is the kernel, for the disk holds it repeatedly.
cut_kernel()
{
	local sectors paragraphs

	sectors=$(od -An -tu1 -j $((0x1f1)) -N 1 "$1")
	paragraphs=$(od -An -tu4 -j $((0x1f4)) -N 4 "$1")
	truncate -s $(((sectors + 1) * 512 + paragraphs * 16)) "$1"
}

# cut_initramfs FILE: leave one archive of it.
cut_initramfs()
{
	local end

	end=$(grep -aboP -m1 '070701[0-9A-Fa-f]{104}TRAILER!!!' "$1" | head -n 1 | cut -d: -f1)
	truncate -s $(((end + 110 + 511) / 512 * 512)) "$1"
}

# prepare_driver INITRAMFS: the second kernel's driver goes on with phase 2 of this test. It does
# not say that it is ready: to the host nothing has happened.
prepare_driver()
{
	local driver=/payload/tests/guest/driver

	[ ${#AFTER} = ${#driver} ] || fail "the path has another length"
	sed "s,^\ttell \"ready.*,\trun_test $TEST_NAME 2 200," $driver >$AFTER
	grep -q "^.run_test $TEST_NAME 2" $AFTER || fail "the driver is not what is expected here"
	chmod +x $AFTER
	sed -i "s,$driver,$AFTER," "$1"
	sync
}

test()
{
	if [ "$PHASE" = 2 ]; then
		modprobe tmem
		modprobe -i tmem_pmem
		[ -d "$TMEM_PMEM"/devices/pmem0 ] || fail "the formatted namespace did not attach by itself"
		assert_eq "$(tmem_held)" 0 "pages held after kexec"
		swap_on "$DISK1"
		mk_cgroup hog 48M
		hog_in hog --content random --seed 2 --touches 10000 96
		return
	fi
	from_host kernel /tmp/kernel
	cut_kernel /tmp/kernel
	from_host initrd /tmp/initramfs
	cut_initramfs /tmp/initramfs
	prepare_driver /tmp/initramfs
	ls -l /tmp
	kexec --load /tmp/kernel --initrd=/tmp/initramfs --reuse-cmdline
	assert_eq "$(cat /sys/kernel/kexec_loaded)" 1 "kernel loaded"
	tmem_load "$(pmem_device)"
	swap_on "$DISK1"
	mk_cgroup hog 48M
	run_in_cgroup hog hog --content random --ready "$RUN/ready" --go "$RUN/go" 96 &
	wait_for 60 [ -e "$RUN/ready" ]
	assert_ge "$(tmem_held)" 5000 "pages held"
	trap - ERR EXIT
	exec kexec --exec
}
