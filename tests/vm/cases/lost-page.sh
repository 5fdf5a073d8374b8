# SPDX-License-Identifier: GPL-2.0
# Pages whose medium fails: their owner gets SIGBUS, everybody else goes on.
DESCRIPTION="media errors at load: private memory, tmpfs, swapoff"
KERNELS="6.12 6.1 7.2"
DISKS="512M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	tmem_stop
}

# with_losses HOG_OPTION...: some loads fail; nothing but SIGBUS may come of it.
with_losses()
{
	local out

	fault LOSE_ONE_IN 500
	out=$(run_in_cgroup hog hog --expect-sigbus --writes 10 --touches 5000 "$@" 64)
	fault LOSE_ONE_IN 0
	echo "$out"
	assert_eq "$(jq .errors <<<"$out")" 0 "wrong pages"
	assert_ge "$(jq .sigbus <<<"$out")" 1 "pages lost with SIGBUS"
}

test()
{
	tmem_start "$DISK1"
	allow_dmesg 'media error|Read-error on swap-device|MCE: Killing hog'
	# Linux 7.2 warns by itself when it frees a page of tmpfs that could not be read back.
	case $(uname -r) in
	7.*)
		allow_dmesg 'swap_put_entries_direct|Bad swap file entry'
		allow_taint 512
		;;
	esac
	mk_cgroup hog 32M
	with_losses --content random
	with_losses --content random --shared
	run_in_cgroup hog hog --expect-sigbus --ready "$RUN/ready" --go "$RUN/go" --writes 0 \
		--touches 3000 64 >"$RUN/hog" &
	wait_for 60 [ -e "$RUN/ready" ]
	fault LOSE_ONE_IN 50
	echo 128M >"$CGROUP/hog/memory.max"
	swapoff "$DISK1"
	fault LOSE_ONE_IN 0
	touch "$RUN/go"
	wait $!
	cat "$RUN/hog"
	tmem_counters
	assert_eq "$(jq .errors "$RUN/hog")" 0 "wrong pages after swapoff"
	assert_ge "$(jq .sigbus "$RUN/hog")" 1 "pages lost with SIGBUS after swapoff"
	assert_eq "$(tmem_held)" 0 "pages held after swapoff"
}
