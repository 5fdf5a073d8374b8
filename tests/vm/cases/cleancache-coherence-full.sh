# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# As cleancache-coherence, for several million sectors, while the filesystem itself is changed.
DESCRIPTION="random work for millions of sectors: freezing, remounting, growing, reflinks, two at once, loop, overlay"
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

# What begins with backend_ is for this backend; ssd-coherence-full has its own.

backend_up() { modprobe cleancache_ram max_pages=20000; }

# backend_before, backend_after: lines of the script below that change the backend, in one turn and in the next.
backend_before() { echo "echo 20000 >/sys/module/cleancache_ram/parameters/max_pages"; }

backend_after()
{
	cat <<-'EOF'
		# Few enough that only parts of large folios are held.
		echo $((200 + n % 5 * 150)) >/sys/module/cleancache_ram/parameters/max_pages
	EOF
}

# backend_served: it did.
backend_served()
{
	clean_counters
	assert_ge "$(clean_stat gets)" 1000 "pages got"
}

# did WHAT: how often the scripts did it.
did() { grep -cx "$1" "$RUN"/did || true; }

# something_else TYPE DEVICE: a script that does one thing to the whole filesystem, another each time. It is run
# by who works in /mnt/one.
something_else()
{
	# shellcheck disable=SC2016
	local grow='xfs_growfs -D $(((320 + size * 4) * 1048576 / $(stat -f -c %S /mnt))) /mnt'

	[ "$1" = xfs ] || grow="resize2fs $2 \$((320 + size * 4))M"
	cat >"$RUN"/something <<-EOF
		#!/bin/sh
		set -e
		n=\$(cat $RUN/turn)
		size=\$((n / 6 + 1))
		echo \$((n + 1)) >$RUN/turn
		did() { echo "\$1" >>$RUN/did; }
		read_all() { cat /mnt/one/c*.* >/dev/null; }
		case \$((n % 6)) in
		0) fsfreeze -f /mnt; echo 8M >$CGROUP/small/memory.reclaim 2>/dev/null || true
		   # A file whose inode was evicted meanwhile may have to wait for the end (xfs).
		   read_all & reader=\$!
		   for try in 1 2 3 4 5 6 7 8 9; do kill -0 \$reader 2>/dev/null && sleep 0.3; done
		   fsfreeze -u /mnt; wait \$reader; did freeze ;;
		1) # Who writes in /mnt/two would fail.
		   [ ! -e /mnt/two ] || exit 0
		   # A deleted file that is still open stands in the way.
		   for try in 1 2 3 4 5 6 7 8 9; do
			mount -o remount,ro /mnt 2>/dev/null && did read_only && break
		   done
		   read_all; mount -o remount,rw /mnt ;;
		2) echo 2 >/proc/sys/vm/drop_caches; did drop ;;
		3) before=\$(stat -f -c %b /mnt)
		   [ \$size -gt 60 ] || $grow >/dev/null 2>&1
		   [ \$(stat -f -c %b /mnt) -le \$before ] || did grow ;;
		4) echo /mnt >$TMEM/filesystems_disable; read_all
		   echo /mnt >$TMEM/filesystems_enable; did disable
		   $(backend_before) ;;
		5) $(backend_after) ;;
		esac
	EOF
	cat >"$RUN"/remount <<-EOF
		#!/bin/sh
		set -e
		grep -q ' cached ' $TMEM/filesystems
		# Who was killed may not have closed all files yet.
		for try in 1 2 3 4 5 6 7 8 9; do
			umount /mnt 2>/dev/null && break
			sleep 0.3
		done
		mount $2 /mnt
		echo remount >>$RUN/did
	EOF
	chmod 755 "$RUN"/something "$RUN"/remount
	echo 0 >"$RUN"/turn
	: >"$RUN"/did
}

# alone SECONDS: one process works, and the filesystem is unmounted now and then. A busy machine gets less far.
alone()
{
	for _ in {1..5}; do
		coherence_in small --seconds "$1" --noise --between "$RUN"/something --remount "$RUN"/remount /mnt/one
		[ "$(cat "$RUN"/turn)" -lt 12 ] || break
	done
	note "$(sort "$RUN"/did | uniq -c | tr -s ' \n' ' ')"
	assert_ge "$(did read_only)" 1 "times that it became read-only"
	assert_ge "$(did remount)" 2 "times that it was unmounted"
}

# together SECONDS: a second process works in another directory, whatever is done to the filesystem.
together()
{
	local turn other

	turn=$(cat "$RUN"/turn)
	mkdir /mnt/two
	for _ in {1..5}; do
		coherence_in other --seconds "$1" --noise /mnt/two &
		other=$!
		coherence_in small --seconds "$1" --noise --between "$RUN"/something /mnt/one
		wait $other
		[ "$(cat "$RUN"/turn)" -lt $((turn + 4)) ] || break
	done
	assert_ge "$(($(cat "$RUN"/turn) - turn))" 4 "times that the filesystem of two was changed"
}

# on_filesystem SECONDS TYPE [MKFS_OPTION...]
on_filesystem()
{
	local seconds=$1 type=$2 what

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
	mkdir /mnt/one
	something_else "$type" "$DISK1"
	backend_up
	mk_cgroup small 32M
	mk_cgroup other 32M
	alone "$seconds"
	together $((seconds / 2))
	note "$(sort "$RUN"/did | uniq -c | tr -s ' \n' ' ')"
	for what in freeze drop grow disable; do
		assert_ge "$(did $what)" 2 "times of $what"
	done
	backend_served
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
	on_filesystem 90 ext4 -b 4096
	on_filesystem 90 ext4 -b 1024
	on_filesystem 110 xfs
	on_filesystem 60 xfs -b size=1024
	above 50
}
