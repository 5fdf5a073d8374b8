# SPDX-License-Identifier: GPL-2.0
# The tool's way with a region without labels, whose one namespace is there from the start.
DESCRIPTION="tmem-pmem-ctl takes a raw namespace that is blank, and no other"
LABELS=0

requires() { need_program tmem-pmem-ctl; }

cleanup() { tmem_unload; }

member() { tmem-pmem-ctl list | jq -r ".[0].namespaces[0].$1"; }

test()
{
	modprobe tmem_pmem
	mkfs.ext4 -q -F /dev/pmem0
	must_fail tmem-pmem-ctl create-namespace
	blkid -p /dev/pmem0 | grep -q ext4 || fail 'a refused device has changed'
	dd if=/dev/zero of=/dev/pmem0 bs=1M conv=fsync status=none || true
	must_fail tmem-pmem-ctl create-namespace --size 64M
	tmem-pmem-ctl create-namespace
	assert_eq "$(member tmem)" attached 'created'
	must_fail tmem-pmem-ctl create-namespace
	tmem-pmem-ctl detach pmem0
	tmem-pmem-ctl destroy pmem0
	assert_eq "$(member mode)" raw 'destroyed'
	tmem-pmem-ctl create-namespace --map mem
	assert_eq "$(member map) $(member tmem)" 'mem attached' 'created again'
	tmem-pmem-ctl detach pmem0
}
