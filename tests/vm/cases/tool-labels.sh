# SPDX-License-Identifier: GPL-2.0
# The tool's way with a region that has labels: from free capacity to an attached device and back.
SUITE=full
DESCRIPTION="tmem-pmem-ctl creates, drains, detaches, checks and destroys a namespace"
DISKS="512M"

requires() { need_program tmem-pmem-ctl; }

cleanup()
{
	swap_off
	tmem_unload
}

member() { tmem-pmem-ctl list | jq -r ".[0].namespaces[0].$1"; }

test()
{
	local held block

	init_labels
	modprobe tmem_pmem
	tmem-pmem-ctl create-namespace --name tmem-a --map mem
	# Its number depends on the namespaces that were here before.
	block=$(member blockdev)
	assert_eq "$(member tmem) $(member name) $(member map)" 'attached tmem-a mem' 'list'
	swap_on "$DISK1"
	mk_cgroup hog 64M
	run_in_cgroup hog sh -c 'head -c 120M /dev/urandom | tail -c 120M | sleep 1000' &
	wait_for 60 eval '[ "$(tmem_held)" -ge 10000 ]'
	tmem-pmem-ctl status | grep -q 'zswap_store armed\|__frontswap_store armed'
	must_fail modprobe -r tmem_pmem
	held=$(tmem_held)
	tmem-pmem-ctl drain
	assert_eq "$(tmem_held)" 0 'pages held after drain'
	assert_ge "$(tmem_stat written_out)" "$held" 'pages written out'
	must_fail tmem-pmem-ctl format --force "$block"
	must_fail tmem-pmem-ctl destroy --force "$block"
	tmem-pmem-ctl resume
	tmem-pmem-ctl detach "$block"
	tmem-pmem-ctl check --scrub "$block"
	tmem-pmem-ctl attach --all
	assert_eq "$(member tmem)" attached 'attached again'
	echo 1 >"$CGROUP/hog/cgroup.kill"
	wait
	tmem-pmem-ctl detach --all
	tmem-pmem-ctl ssd format --force "$block"
	assert_eq "$(member tmem)" ssd 'what holds a cache'
	must_fail tmem-pmem-ctl destroy "$block"
	tmem-pmem-ctl destroy --force "$block"
	assert_eq "$(tmem-pmem-ctl list | jq '.[0].namespaces | length')" 0 'namespaces left'
}
