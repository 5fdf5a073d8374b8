# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Allocations of the SSD cache fail, each in its turn and then at random: a page is refused and counted,
# an attachment fails whole, files are right.
SUITE=full
DESCRIPTION="failing allocations while loading, attaching, putting, getting and detaching an SSD"
KERNELS="6.12"
DISKS="200M 24M"
TIMEOUT=900
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

# shellcheck source=tests/vm/cases/alloc-fail.sh
. /payload/tests/cases/alloc-fail.sh

requires()
{
	need_file $DEBUG/failslab/require-start $DEBUG/fail_page_alloc/require-start
	need_program tmem-pmem-ctl
}

cleanup()
{
	set_all probability 0
	set_all reject-start 0
	set_all reject-end 0
	only_below 0 0xffffffffffffffff
	ssd_stop
}

after_tmem_ssd()
{
	if [ "$1" = 0 ]; then
		rmmod tmem_ssd
	fi
	[ ! -e "$SSD" ] || fail "tmem_ssd failed to load and $SSD is there"
}

after_attach()
{
	if [ "$1" = 0 ]; then
		echo 1 >"$(ssd_dir "$DISK2")/detach"
	fi
	ssd_is_out "$DISK2" || fail "$DISK2 was not attached and is there"
}

# not_in FUNCTION: what that allocates, wherever it is called from, does not fail.
not_in()
{
	local range

	range=$(sort /proc/kallsyms | awk -v name="$1" '$3 == name { start = $1 }
		start && !end && $1 > start { end = $1 } END { print "0x" start, "0x" end }')
	set_all reject-start "${range% *}"
	set_all reject-end "${range#* }"
}

# under_load: a third of our allocations fails while files are read, evicted and overwritten, and the
# device goes and comes.
under_load()
{
	local before traffic

	before=$(injected)
	only_in_modules
	# Our hook calls it; without a page for the page cache a write is short, and that is not for us to judge.
	not_in generic_perform_write
	set_all probability 33
	versions_in small --files 6 --readers 2 --seconds 40 run &
	traffic=$!
	while kill -0 $traffic 2>/dev/null; do
		sleep 4
		{
			echo "$DISK2" >"$SSD/attach"
			sleep 4
			ssd_is_out "$DISK2" || echo 1 >"$(ssd_dir "$DISK2")/detach"
		} 2>>"$RUN/errors" || true
	done
	wait $traffic || fail "wrong bytes"
	set_all probability 0
	note "$(($(injected) - before)) allocations failed, $(ssd_refused no_memory) pages refused"
	assert_ge $(($(injected) - before)) 100 "allocations failed under load"
	assert_ge "$(ssd_refused no_memory)" 10 "pages refused for want of memory"
}

test()
{
	# kmemleak allocates below us as well, and says when it cannot.
	allow_dmesg 'vmalloc error|kmemleak: Cannot allocate a scan area'
	set_all probability 0
	set_all interval 1
	set_all verbose 0
	set_all times $TIMES
	set_all ignore-gfp-wait N
	echo N >$DEBUG/fail_page_alloc/ignore-gfp-highmem
	echo 0 >$DEBUG/fail_page_alloc/min-order

	tmem-pmem-ctl ssd format --force "$DISK2"
	cached_fs ext4 "$DISK1"
	versioned_files --files 6
	mk_cgroup small 12M
	modprobe tmem
	only_in_init
	each_failing after_tmem_ssd modprobe -i tmem_ssd devices="$DISK2"
	modprobe -i tmem_ssd
	echo all >"$SSD/policy"
	only_in_modules
	each_failing after_attach bash -c "echo $DISK2 >$SSD/attach"
	under_load
	only_below 0 0xffffffffffffffff
	# Nothing is the worse for it.
	ssd_is_out "$DISK2" || tmem-pmem-ctl ssd detach "$DISK2"
	tmem-pmem-ctl ssd attach "$DISK2"
	versions_in small --files 6 --seconds 10 run
	versions_in small --files 6 check
	ssd_counters "$DISK2"
	assert_ge "$(ssd_stat "$DISK2" gets_read)" 200 "pages read from the SSD"
	umount /mnt
	tmem_unload
}
