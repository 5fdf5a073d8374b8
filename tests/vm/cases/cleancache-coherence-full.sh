# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# As cleancache-coherence, for several million sectors, while the filesystem itself is changed.
DESCRIPTION="random work for millions of sectors: freezing, remounting, growing, reflinks, loop, overlay"
KERNELS="6.12 6.1 7.2"
SUITE=full
CPUS=2
DISKS="600M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"
TIMEOUT=1800

requires() { need_module xfs loop overlay; }

cleanup()
{
	umount /mnt/above 2>/dev/null
	losetup -D 2>/dev/null
	clean_stop
}

# something_else TYPE DEVICE: a script that does one thing to the whole filesystem, another each time.
something_else()
{
	# shellcheck disable=SC2016
	local grow='xfs_growfs -D $(((320 + size * 4) * 1048576 / $(stat -f -c %S /mnt))) /mnt'

	[ "$1" = xfs ] || grow="resize2fs $2 \$((320 + size * 4))M"
	cat >"$RUN"/something <<-EOF
		#!/bin/sh
		set -e
		n=\$(cat $RUN/turn)
		size=\$((n / 6))
		echo \$((n + 1)) >$RUN/turn
		case \$((n % 6)) in
		0) fsfreeze -f /mnt; echo 8M >$CGROUP/small/memory.reclaim 2>/dev/null || true
		   # A file whose inode was evicted meanwhile may have to wait for the end (xfs).
		   cat /mnt/c*.* >/dev/null & cat=\$!
		   for try in 1 2 3 4 5 6 7 8 9; do kill -0 \$cat 2>/dev/null && sleep 0.3; done
		   fsfreeze -u /mnt; wait \$cat ;;
		1) # A deleted file that is still open stands in the way.
		   for try in 1 2 3 4 5 6 7 8 9; do
			mount -o remount,ro /mnt 2>/dev/null && echo >>$RUN/read-only && break
		   done
		   cat /mnt/c*.* >/dev/null; mount -o remount,rw /mnt ;;
		2) echo 2 >/proc/sys/vm/drop_caches ;;
		3) [ \$size -gt 60 ] || $grow >/dev/null 2>&1 ;;
		4) echo /mnt >$TMEM/filesystems_disable; cat /mnt/c*.* >/dev/null
		   echo /mnt >$TMEM/filesystems_enable
		   echo 20000 >/sys/module/cleancache_ram/parameters/max_pages ;;
		5) # Few enough that only parts of large folios are held.
		   echo \$((200 + n % 5 * 150)) >/sys/module/cleancache_ram/parameters/max_pages ;;
		esac
	EOF
	chmod 755 "$RUN"/something
	echo 0 >"$RUN"/turn
	: >"$RUN"/read-only
}

# on_filesystem SECONDS TYPE [MKFS_OPTION...]
on_filesystem()
{
	local seconds=$1 type=$2

	shift 2
	note "$type $*"
	rotational "$DISK1"
	wipefs -qa "$DISK1"
	if [ "$type" = xfs ]; then
		mkfs.xfs -q -d size=320m "$@" "$DISK1"
	else
		"mkfs.$type" -q "$@" "$DISK1" 320M >/dev/null 2>&1
	fi
	mount "$DISK1" /mnt
	something_else "$type" "$DISK1"
	modprobe cleancache_ram max_pages=20000
	mk_cgroup small 32M
	coherence_in small --seconds "$seconds" --noise --between "$RUN"/something /mnt
	clean_counters
	assert_ge "$(cat "$RUN"/turn)" 12 "times that the filesystem was changed"
	assert_ge "$(wc -l <"$RUN"/read-only)" 1 "times that it became read-only"
	assert_ge "$(clean_stat gets)" 1000 "pages got"
	umount /mnt
	tmem_unload
}

# above: a filesystem in a file, and an overlay; the files below are cached.
above()
{
	local device gets

	cached_fs ext4 "$DISK1"
	modprobe cleancache_ram max_pages=20000
	mk_cgroup small 32M
	mkdir -p /mnt/above /mnt/{lower,upper,work}
	truncate -s 200M /mnt/image
	# With smaller blocks it would make holes in parts of pages, by which the file would be doubtful as long as it is in use.
	mkfs.ext4 -q -b 4096 /mnt/image
	modprobe loop
	device=$(losetup -f --show /mnt/image)
	mount "$device" /mnt/above
	echo /mnt/above >"$TMEM"/filesystems_disable
	coherence_in small --seconds "$1" --noise /mnt/above
	umount /mnt/above
	losetup -d "$device"
	gets=$(clean_stat gets)
	assert_ge "$gets" 100 "pages got of a file below a loop device"
	mount -t overlay overlay -o lowerdir=/mnt/lower,upperdir=/mnt/upper,workdir=/mnt/work /mnt/above
	coherence_in small --seconds "$1" --noise /mnt/above
	umount /mnt/above
	clean_counters
	assert_ge $(($(clean_stat gets) - gets)) 1000 "pages got of files below an overlay"
	umount /mnt
	tmem_unload
}

test()
{
	on_filesystem 120 ext4 -b 4096
	on_filesystem 120 ext4 -b 1024
	on_filesystem 150 xfs
	on_filesystem 80 xfs -b size=1024
	above 50
}
