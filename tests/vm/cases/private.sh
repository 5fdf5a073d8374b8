# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Nothing of what was in memory can be read from the namespace, not even after a power cut.
DESCRIPTION="what is stored is encrypted: planted patterns are found without that, and not with it"
KERNELS="6.12 6.1 7.2"
DISKS="256M"
NVDIMMS="128M"
EXCLUSIVE=1
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	umount /tmp/tmpfs 2>/dev/null
	tmem_stop
}

# swap_patterns AREA: pages of a tmpfs that do not fit into memory; they come back right.
swap_patterns()
{
	swap_on "$1"
	mkdir -p /tmp/tmpfs
	mount -t tmpfs -o size=100M none /tmp/tmpfs
	run_in_cgroup small sh -c "yes $SECRET | head -c 60M >/tmp/tmpfs/file"
	assert_eq "$(md5sum </tmp/tmpfs/file)" "$(head -c 60M < <(yes "$SECRET") | md5sum)" "what came back"
}

encrypted() { cat "$TMEM_PMEM"/devices/*/encrypted; }

test()
{
	local device

	if [ "$PHASE" = 2 ]; then
		modprobe nd_pmem
		device=$(echo /dev/pmem?)
		assert_ge "$(dd if="$device" bs=1M status=none | tr -d '\0' | wc -c)" 20000000 "bytes on the medium after a power cut"
		assert_eq "$(patterns_on "$device")" 0 "patterns on the medium after a power cut"
		return
	fi
	device=$(pmem_device)
	mk_cgroup small 16M

	note "not encrypted: the search finds them"
	blank "$device"
	modprobe tmem
	modprobe -i tmem_pmem devices="$device" encrypt=0
	assert_eq "$(encrypted)" 0 encrypted
	swap_patterns "$DISK1"
	assert_ge "$(tmem_held)" 8000 "pages stored"
	assert_ge "$(patterns_on "$device")" 100000 "patterns on the medium"
	umount /tmp/tmpfs
	swap_off
	tmem_unload
	assert_ge "$(patterns_on "$device")" 100000 "patterns left on the medium"
	dd if=/dev/zero of="$device" bs=1M oflag=direct status=none 2>/dev/null || true

	note "encrypted, as it is by default"
	modprobe tmem
	modprobe -i tmem_pmem devices="$device"
	assert_eq "$(encrypted)" 1 encrypted
	swap_patterns "$DISK1"
	assert_ge "$(tmem_held)" 8000 "pages stored"
	assert_eq "$(patterns_on "$device")" 0 "patterns on the medium"
	# Another key: what is left of the first one is of no use, and nobody asks for it.
	umount /tmp/tmpfs
	swap_off
	tmem-pmem-ctl detach "$device"
	tmem-pmem-ctl attach "$device"
	swap_patterns "$DISK1"
	assert_ge "$(tmem_held)" 8000 "pages stored"
	assert_eq "$(patterns_on "$device")" 0 "patterns on the medium"
	next_boot
}
