# SPDX-License-Identifier: GPL-2.0
# With pages stored the module cannot be unloaded; after a drain it can.
DESCRIPTION="rmmod fails with pages stored, works after a drain"
KERNELS="6.12 6.1 7.2"
DISKS="512M"

cleanup()
{
	tmem_stop
}

test()
{
	tmem_start "$DISK1"
	mk_cgroup hog 32M
	run_in_cgroup hog hog --ready "$RUN/ready" --go "$RUN/go" --touches 5000 64 >"$RUN/hog" &
	wait_for 60 [ -e "$RUN/ready" ]
	assert_ge "$(tmem_held)" 5000 "pages held"
	must_fail rmmod tmem_pmem
	must_fail rmmod tmem
	tmem_unload
	touch "$RUN/go"
	wait $!
	assert_eq "$(jq .errors "$RUN/hog")" 0 "wrong pages"
}
