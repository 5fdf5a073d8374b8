# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# No wrong byte is ever read from a file that is cached on an SSD, whatever is done to it.
DESCRIPTION="random writes, direct and mapped too, truncation, holes, renames, over a small SSD"
KERNELS="6.12 6.1 7.2"
SUITE=full
CPUS=2
DISKS="400M 24M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"
TIMEOUT=1200

SSD=/sys/kernel/mm/tmem_ssd

requires() { need_program tmem-pmem-ctl; }
cleanup() { clean_stop; }

# come_and_go: the SSD is taken away and given back, again and again, until the file "done" is there.
come_and_go()
{
	while [ ! -e "$RUN/done" ]; do
		sleep 2
		tmem-pmem-ctl ssd detach "$DISK2" >/dev/null
		tmem-pmem-ctl ssd attach "$DISK2" >/dev/null
		echo round >>"$RUN/rounds"
	done
}

# on_filesystem SECONDS PARAMETER TYPE [MKFS_OPTION...]; PARAMETER: of the module
on_filesystem()
{
	local seconds=$1 parameter=$2 type=$3 stats=$SSD/devices/${DISK2#/dev/}/stats

	shift 3
	note "$parameter $type $*"
	cached_fs "$type" "$DISK1" "$@"
	modprobe -i tmem_ssd "$parameter"
	echo all >$SSD/policy
	tmem-pmem-ctl ssd attach "$DISK2"
	mk_cgroup small 32M
	# A busy machine gets less far.
	for _ in {1..12}; do
		coherence_in small --seconds "$seconds" --noise /mnt
		[ "$(cat "$stats/segments_written")" -lt 30 ] || break
	done
	tmem-pmem-ctl ssd status --json
	assert_ge "$(cat "$stats/gets_read")" 500 "pages read from the SSD"
	assert_ge "$(cat "$stats/segments_written")" 30 "segments written to a device of 22"
	assert_eq "$(cat "$stats/checksum_errors")" 0 "checksum errors"
	rm -f "$RUN/done"
	: >"$RUN/rounds"
	come_and_go &
	coherence_in small --seconds "$((seconds / 2))" --noise /mnt
	touch "$RUN/done"
	wait
	assert_ge "$(wc -l <"$RUN/rounds")" 2 "times the SSD came and went"
	umount /mnt
	tmem_unload
}

test()
{
	tmem-pmem-ctl ssd format "$DISK2"
	on_filesystem 30 encrypt=1 ext4
	# A read ends where the device says so, and not in a worker that decrypts.
	on_filesystem 30 encrypt=0 ext4
	on_filesystem 30 encrypt=1 ext4 -b 1024
	has_module xfs || return 0
	on_filesystem 30 encrypt=1 xfs
	on_filesystem 30 encrypt=0 xfs
}
