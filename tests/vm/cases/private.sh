# SPDX-License-Identifier: GPL-2.0
# Nothing of what was in memory can be read from the namespace, not even after a power cut.
DESCRIPTION="what is stored is encrypted: planted patterns are found without that, and not with it"
KERNELS="6.12 6.1 7.2"
DISKS="256M"
NVDIMMS="128M"
EXCLUSIVE=1
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

PATTERN=a-secret-that-nobody-may-find-on-the-medium

cleanup()
{
	umount /tmp/tmpfs 2>/dev/null
	tmem_stop
}

# patterns_on DEVICE: how many are there, as the medium has them.
patterns_on() { dd if="$1" bs=1M status=none | { grep -ao "$PATTERN" || true; } | wc -l; }

# swap_patterns: pages of a tmpfs that do not fit into memory; they come back right.
swap_patterns()
{
	swap_on "$DISK1"
	mkdir -p /tmp/tmpfs
	mount -t tmpfs -o size=100M none /tmp/tmpfs
	run_in_cgroup small sh -c "yes $PATTERN | head -c 60M >/tmp/tmpfs/file"
	assert_eq "$(md5sum </tmp/tmpfs/file)" "$(head -c 60M < <(yes $PATTERN) | md5sum)" "what came back"
	assert_ge "$(tmem_held)" 8000 "pages stored"
}

encrypted() { cat $TMEM_PMEM/devices/*/encrypted; }

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
	swap_patterns
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
	swap_patterns
	assert_eq "$(patterns_on "$device")" 0 "patterns on the medium"
	# Another key: what is left of the first one is of no use, and nobody asks for it.
	umount /tmp/tmpfs
	swap_off
	tmem-pmem-ctl detach "$device"
	tmem-pmem-ctl attach "$device"
	swap_patterns
	assert_eq "$(patterns_on "$device")" 0 "patterns on the medium"
	next_boot
}
