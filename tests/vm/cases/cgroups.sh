# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Memory cgroups: what each has stored is counted, and a limit holds for it and nobody else.
DESCRIPTION="per-cgroup counts; limits write back a cgroup's own cold pages; ids are never inherited"
KERNELS="6.12 6.1 7.2"
DISKS="512M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"
TIMEOUT=600

cleanup()
{
	tmem_stop
	rmdir "$CGROUP"/slice/* "$CGROUP"/slice 2>/dev/null || true
}

# id_of CGROUP, owner CGROUP FILE: what tmem knows of it.
id_of() { stat -c %i "$CGROUP/$1"; }
owner() { cat "$TMEM/cgroups/$(id_of "$1")/$2"; }
limit() { echo "$(id_of "$1") $2" >"$TMEM"/cgroups/limit; }

# start_hog CGROUP ARGUMENT...: it stops when all its pages are filled.
start_hog()
{
	local cgroup=$1

	shift
	run_in_cgroup "$cgroup" hog --stop --ready "$RUN/ready.${cgroup##*/}" "$@" >"$RUN/hog.${cgroup##*/}" &
	wait_for 60 is_ready "${cgroup##*/}" || fail "the hog of $cgroup is not ready"
	rm "$RUN/ready.${cgroup##*/}"
}

is_ready() { [ -e "$RUN/ready.$1" ]; }
at_most() { [ "$(owner "$1" pages)" -le "$2" ]; }
is_gone() { [ ! -e "$TMEM/cgroups/$1" ]; }

# 6.1 keeps slots that were freed, up to 64, until others are.
free_others() { run_in_cgroup "$1" hog --touches 0 40 >/dev/null; }

is_settled() { [ "$(cat "$TMEM/cgroups/1/pages")" = "$(tmem_held)" ]; }

# Without anybody at work: everything that is stored is somebody's, and nothing is counted twice.
check_sums()
{
	local root

	# A hog may still be reclaiming on its way to where it stops.
	wait_for 20 is_settled || fail "$(cat "$TMEM/cgroups/1/pages") pages of all cgroups, $(tmem_held) are held"
	root=$(cat "$TMEM/cgroups/1/pages")
	assert_ge "$root" $(($(owner slice pages) + $(owner c pages))) "pages of the root"
	assert_eq "$(owner slice pages)" $(($(owner slice/a pages) + $(owner slice/b pages))) "pages of the slice"
}

counts()
{
	local before pages

	start_hog slice/a --touches 2000 40
	start_hog slice/b --touches 2000 40
	start_hog c --touches 2000 40
	check_sums
	for name in slice/a slice/b c; do
		# In this order: something may still be stored.
		pages=$(owner "$name" pages)
		assert_ge "$pages" 5000 "pages of $name"
		assert_ge "$(owner "$name" stores)" "$pages" "pages that $name stored"
		assert_eq "$(owner "$name" refused)" 0 "pages refused to $name"
		assert_eq "$(owner "$name" path)" "/$name" "path of $name"
	done
	# Few on a quiet machine; of 10,240, each of which it would have been told of if loads were counted as stores.
	before=$(owner slice/a loads)
	assert_le "$before" 1000 "pages that slice/a loaded when it had filled its own once"
	pkill -CONT -x hog
	wait
	for name in a b c; do
		assert_eq "$(hog_errors "$RUN/hog.$name")" 0 "wrong pages of $name"
	done
	assert_ge $(($(owner slice/a loads) - before)) 700 "pages that slice/a loaded when it touched them"
	# What the hog printed is a file in memory, which its cgroup pays for and which is swapped out here.
	evict slice/a
	rm "$RUN/hog.a"
	free_others c
	wait_for 20 at_most slice/a 0 || fail "$(owner slice/a pages) pages of slice/a after its end"
}

limits()
{
	local before

	note "a limit on one of two"
	limit slice/a 3000
	before=$(tmem_refused cgroup_limit)
	run_in_cgroup slice/a hog --skewed --touches 20000 40 >"$RUN/hog.a" &
	run_in_cgroup slice/b hog --skewed --touches 6000 40 >"$RUN/hog.b" &
	while [ -n "$(jobs -rp)" ]; do
		assert_le "$(owner slice/a pages)" 3000 "pages of slice/a"
		command sleep 0.2
	done
	wait
	tmem_counters
	assert_eq "$(hog_errors "$RUN/hog.a") $(hog_errors "$RUN/hog.b")" "0 0" "wrong pages"
	assert_ge "$(owner slice/a written_back)" 1000 "pages of slice/a written back"
	assert_eq "$(owner slice/b written_back)" 0 "pages of slice/b written back"
	assert_eq "$(owner slice/b refused)" 0 "pages refused to slice/b"
	assert_ge "$(tmem_refused cgroup_limit)" $((before + 1)) "pages refused at a limit"

	note "a limit above both, lowered while their pages are stored"
	limit slice/a max
	start_hog slice/a --touches 2000 40
	start_hog slice/b --touches 2000 40
	start_hog c --touches 2000 40
	assert_ge "$(owner slice pages)" 10000 "pages of the slice"
	before=$(owner c pages)
	limit slice 4000
	wait_for 60 at_most slice 4000 || fail "$(owner slice pages) pages in the slice, expected 4000 at most"
	assert_eq "$(owner c pages)" "$before" "pages of c"
	check_sums
	limit slice 0
	wait_for 60 at_most slice 0 || fail "$(owner slice pages) pages in the slice, expected none"
	pkill -CONT -x hog
	wait
	for name in a b c; do
		assert_eq "$(hog_errors "$RUN/hog.$name")" 0 "wrong pages of $name"
	done
	limit slice max
}

# What memory.zswap.writeback says of pages in zswap holds for ours.
stays()
{
	[[ $(uname -r) != 6.1.* ]] || return 0
	note "nothing is written back of a cgroup that forbids it"
	echo 0 >"$CGROUP/c/memory.zswap.writeback"
	start_hog c --touches 2000 40
	limit c 3000
	sleep 5
	assert_ge "$(owner c pages)" 5000 "pages of c"
	assert_eq "$(owner c written_back)" 0 "pages of c written back"
	echo 1 >"$CGROUP/c/memory.zswap.writeback"
	# Refused stores and limits have it looked at.
	limit c 3000
	wait_for 60 at_most c 3000 || fail "$(owner c pages) pages in c, expected 3000 at most"
	limit c max
	pkill -CONT -x hog
	wait
	assert_eq "$(hog_errors "$RUN/hog.c")" 0 "wrong pages of c"
}

identity()
{
	local old

	note "a cgroup that is removed, and one that comes later under its name"
	old=$(id_of c)
	! echo "999999999 max" >"$TMEM"/cgroups/limit || fail "a limit was set for nobody"
	! echo "$old many" >"$TMEM"/cgroups/limit || fail "a limit was set that is no number"
	must_fail tmem-pmem-ctl limit nobody 5M
	must_fail tmem-pmem-ctl limit c many
	tmem-pmem-ctl limit /c 12M
	assert_eq "$(owner c limit_pages)" 3072 "limit of c"
	start_hog c --touches 100 40
	pkill -KILL -x hog
	wait || true
	rmdir "$CGROUP/c"
	mk_cgroup c 12M
	[ "$(id_of c)" != "$old" ] || fail "the new cgroup has the old one's id"
	start_hog c --touches 100 40
	assert_eq "$(owner c limit_pages)" max "limit of the new cgroup"
	assert_ge "$(owner c pages)" 5000 "pages of the new cgroup"
	assert_eq "$(owner c written_back)" 0 "pages of the new cgroup written back"
	free_others slice/b
	wait_for 60 is_gone "$old" ||
		fail "what is known of the old cgroup is still there, with $(cat "$TMEM/cgroups/$old/pages") pages"
	pkill -CONT -x hog
	wait
	assert_eq "$(hog_errors "$RUN/hog.c")" 0 "wrong pages of c"
}

test()
{
	local name

	tmem_start "$DISK1"
	mkdir -p "$CGROUP/slice"
	echo +memory >"$CGROUP/slice/cgroup.subtree_control"
	for name in slice/a slice/b c; do
		mk_cgroup "$name" 12M
	done
	counts
	limits
	stays
	identity
	swap_off
	assert_eq "$(cat "$TMEM/cgroups/1/pages")" 0 "pages of all cgroups after swapoff"
}
