# SPDX-License-Identifier: GPL-2.0
# A namespace named tmem is formatted by itself while it is blank, and never otherwise.
DESCRIPTION="autoattach formats what is blank and named tmem, by modprobe and by udev; the module attaches what is formatted"

requires() { need_program tmem-pmem-ctl; }

cleanup() { tmem_unload; }

attached() { [ -e "$TMEM_PMEM/devices/pmem0" ]; }

# The module by itself says nothing of what is not tmem's, and what is against the rest.
module_looks()
{
	local said

	said=$(dmesg | wc -l)
	modprobe -r tmem_pmem
	modprobe -i tmem_pmem
	dmesg | tail -n "+$((said + 1))" | sed -n 's/^.*tmem_*[a-z]*: pmem0: //p'
}

test()
{
	init_labels
	ndctl create-namespace -m fsdax -n tmem
	dd if=/dev/zero of=/dev/pmem0 bs=1M conv=fsync status=none || true
	modprobe tmem_pmem
	attached || fail 'modprobe did not format and attach'
	tmem-pmem-ctl detach pmem0

	mkfs.ext4 -q -F /dev/pmem0
	must_fail tmem-pmem-ctl autoattach pmem0
	must_fail tmem-pmem-ctl format pmem0
	must_fail tmem-pmem-ctl destroy pmem0
	must_fail tmem-pmem-ctl attach pmem0
	mkdir -p /mnt/a
	mount /dev/pmem0 /mnt/a
	must_fail tmem-pmem-ctl format --force pmem0
	umount /mnt/a
	modprobe -r tmem_pmem
	modprobe tmem_pmem
	must_fail attached
	assert_eq "$(module_looks)" '' 'said of a filesystem'
	tmem-pmem-ctl format --force pmem0
	printf x | dd of=/dev/pmem0 bs=1 seek=8192 conv=notrunc,fsync status=none
	case $(module_looks) in
	"something else was written to byte 8192"*) ;;
	*) fail 'nothing said of a formatted device that is not used' ;;
	esac
	must_fail attached
	tmem-pmem-ctl format --force pmem0
	case $(module_looks) in
	attached,*) ;;
	*) fail 'not attached' ;;
	esac
	tmem-pmem-ctl detach pmem0
	tmem-pmem-ctl attach pmem0
	tmem-pmem-ctl detach pmem0
	tmem-pmem-ctl destroy pmem0

	start_udev block
	ndctl create-namespace -m fsdax -n tmem-late
	wait_for 20 attached || fail 'udev did not format and attach'
	tmem-pmem-ctl detach pmem0
}
